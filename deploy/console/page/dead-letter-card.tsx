import {visible} from './base/text.ts'
import {useView} from './base/use-view.ts'
import type {DeadLetterDetail} from './base/wire.ts'
import {CommandLine} from './parts/command-line.tsx'

/** A dead letter's message: as text, and field by field against what its job accepts today. */
export function DeadLetterCard({id}: {id: string}) {
  const {view, trouble} = useView<DeadLetterDetail>(`/dead-letters/${encodeURIComponent(id)}`)
  if (view === undefined) return <p class="loading">{trouble ?? 'Reading…'}</p>
  const {text, base64, attributes, fields, manualCheck, kind, commands} = view.data
  return (
    <div class="card">
      {kind === 'unknown outcome' && manualCheck !== null && (
        <p>
          <strong>Check first:</strong> {visible(manualCheck)}
          {view.environment.name === 'local' && (
            <>
              {' '}
              <a href="#/sandbox">What the sandbox received and sent</a>.
            </>
          )}
        </p>
      )}
      {fields.length > 0 && (
        <table>
          <caption>Payload, against today's arguments</caption>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Value</th>
              <th scope="col">Today</th>
            </tr>
          </thead>
          <tbody>
            {fields.map(field => (
              <tr key={field.name}>
                <th scope="row">{visible(field.name, 200)}</th>
                <td class="wide">{visible(field.value, 5000)}</td>
                <td class={field.problem === null ? 'good' : 'bad'}>
                  {field.problem === null ? '✔ accepted' : `✖ ${visible(field.problem, 300)}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <details>
        <summary>{text === null ? 'Data as base64 (it is not text)' : 'Data as published'}</summary>
        <pre>{visible(text ?? base64, 100_000)}</pre>
      </details>
      <details>
        <summary>Attributes</summary>
        <pre>{visible(JSON.stringify(attributes, undefined, 2), 100_000)}</pre>
      </details>
      {commands.map(command => (
        <p key={command}>
          <CommandLine command={command} />
        </p>
      ))}
    </div>
  )
}
