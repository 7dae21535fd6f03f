import {visible} from './base/text.ts'
import {useView} from './base/use-view.ts'
import type {Environment} from './base/wire.ts'
import type {MigrationList} from './base/wire-views.ts'
import {CommandLine} from './parts/command-line.tsx'
import {Scroll} from './parts/scroll.tsx'

const marks: Readonly<Record<string, string>> = {
  applied: '✔',
  changed: '≠',
  pending: '◷',
  'out of order': '⇅',
  missing: '∅',
}

/** Every migration file with its state, what the next run would do, and what is odd. */
export function MigrationsView({environment}: {environment: Environment | undefined}) {
  const {view, trouble} = useView<MigrationList>('/migrations', 30_000)
  if (environment === undefined || view === undefined) return <p class="loading">{trouble ?? 'Asking the database…'}</p>
  const {files, next, problem, advice, folder, hash, projectRef} = view.data
  return (
    <section aria-labelledby="migrations">
      <h1 id="migrations">Migrations</h1>
      <p class="muted">
        Project {visible(projectRef, 100)} · {files.length} files of {visible(folder, 300)} · hash {visible(hash, 80)}
      </p>
      {problem === null ? (
        <p>
          {next.length === 0
            ? 'Nothing to apply.'
            : `The next run applies ${next.length === 1 ? '1 file' : `${next.length} files`}: ${next.map(name => visible(name, 200)).join(', ')}`}
        </p>
      ) : (
        <p class="bad">✖ The next run refuses: {visible(problem)}</p>
      )}
      {advice.length > 0 && (
        <ul>
          {advice.map((line, index) => (
            <li key={`${index} ${line}`} class="text">
              {visible(line)}
            </li>
          ))}
        </ul>
      )}
      <Scroll label="Migration files">
        <table>
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">File</th>
              <th scope="col">Applied (UTC)</th>
              <th scope="col">By</th>
              <th scope="col">Took</th>
            </tr>
          </thead>
          <tbody>
            {files.map(file => (
              <tr key={file.name} data-row>
                <td class={file.state === 'applied' ? 'good' : file.state === 'pending' ? '' : 'bad'}>
                  {marks[file.state] ?? ''} {file.state}
                </td>
                <td class="wide">{visible(file.name, 300)}</td>
                <td>{visible(file.appliedAt ?? '', 100)}</td>
                <td>{visible(file.appliedBy ?? '', 200)}</td>
                <td class="number">{file.milliseconds === null ? '' : `${file.milliseconds} ms`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <CommandLine command={`npm run migrations -- ${environment.name}`} />
    </section>
  )
}
