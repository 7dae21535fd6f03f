import {useEffect, useState} from 'preact/hooks'
import type {Route} from './base/route.ts'
import {visible} from './base/text.ts'
import {useView} from './base/use-view.ts'
import type {DeadLetterList, DeadLetterRow} from './base/wire.ts'
import {DeadLetterCard} from './dead-letter-card.tsx'
import {CommandLine} from './parts/command-line.tsx'
import {Moment} from './parts/moment.tsx'
import {ReplayPanel} from './replay-panel.tsx'

/** Dead letters by job, kind and reason, to tick, look into, replay and discard. */
export function DeadLettersView({route}: {route: Route}) {
  const {view, trouble, reload} = useView<DeadLetterList>('/dead-letters')
  const asked = route.query.get('ids')?.split(',') ?? []
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set(asked))
  const [open, setOpen] = useState<string | undefined>(asked[0])
  useEffect(() => {
    if (asked.length === 0) return
    setTicked(new Set(asked))
    setOpen(asked[0])
  }, [route.query.get('ids')])
  if (view === undefined) return <p class="loading">{trouble ?? 'Reading…'}</p>
  const {rows, isComplete} = view.data
  const isUnknown = view.unknown.some(({subject}) => subject === 'dead letters')
  const groups = [...Map.groupBy(rows, toGroup)].toSorted(([, a], [, b]) => b.length - a.length)
  const tick = (ids: readonly string[], isOn: boolean) => {
    const next = new Set(ticked)
    for (const id of ids) isOn ? next.add(id) : next.delete(id)
    setTicked(next)
  }
  const chosen = rows.filter(({id}) => ticked.has(id))
  return (
    <section aria-labelledby="dead-letters">
      <h1 id="dead-letters">Dead letters</h1>
      <p role="status" class="muted">
        {isUnknown ? 'Unknown: they could not be read.' : describeCount(rows.length, isComplete)} Looking takes none of
        them away.
      </p>
      {groups.map(([key, own]) => (
        <Group
          key={key}
          rows={own}
          ticked={ticked}
          onTick={tick}
          open={open}
          onOpen={id => setOpen(id === open ? undefined : id)}
          isReadOnly={view.environment.readOnly}
        />
      ))}
      <CommandLine command={`npm run dead-letters -- ${view.environment.name}`} />
      {trouble !== undefined && <p role="alert">{trouble}</p>}
      <ReplayPanel
        chosen={chosen}
        environment={view.environment}
        onDone={reload}
        onClear={() => setTicked(new Set())}
      />
    </section>
  )
}

function describeCount(count: number, isComplete: boolean): string {
  if (count === 0) return isComplete ? 'None.' : 'None seen; another command may hold some.'
  const text = count === 1 ? '1 dead letter' : `${count.toLocaleString('en-US')} dead letters`
  return isComplete ? `${text}.` : `At least ${text}; another command may hold more.`
}

function toGroup({job, kind, pattern}: DeadLetterRow): string {
  return `${job ?? 'unknown job'}\n${kind}\n${pattern}`
}

function Group(options: {
  readonly rows: readonly DeadLetterRow[]
  readonly ticked: ReadonlySet<string>
  readonly onTick: (ids: readonly string[], isOn: boolean) => void
  readonly open: string | undefined
  readonly onOpen: (id: string) => void
  readonly isReadOnly: boolean
}) {
  const {rows, ticked, onTick, open, onOpen, isReadOnly} = options
  const [first] = rows
  if (first === undefined) return null
  const ids = rows.map(({id}) => id)
  const isAll = ids.every(id => ticked.has(id))
  const oldest = rows.toSorted((a, b) => a.at.localeCompare(b.at))[0]
  const shown = rows.slice(0, 100)
  return (
    <fieldset class="group">
      <legend>
        <label class="check">
          <input type="checkbox" checked={isAll} onChange={event => onTick(ids, event.currentTarget.checked)} />
          <span>
            <strong>{visible(first.job ?? 'unknown job', 100)}</strong> <span class="reason">{first.kind}</span>{' '}
            {rows.length > 1 && <strong>× {rows.length}</strong>}
          </span>
        </label>
      </legend>
      <p class="text rest">{visible(first.reason, 1500)}</p>
      {oldest?.version != null && <p class="muted">first seen with version {visible(oldest.version, 80)}</p>}
      <ul>
        {shown.map(row => (
          <li key={row.id} data-row>
            <label>
              <input
                type="checkbox"
                checked={ticked.has(row.id)}
                onChange={event => onTick([row.id], event.currentTarget.checked)}
                aria-label={`Choose dead letter ${visible(row.id, 100)}`}
              />
            </label>
            <button type="button" class="link" aria-expanded={open === row.id} onClick={() => onOpen(row.id)}>
              {visible(row.id, 100)}
            </button>{' '}
            <span class="muted">
              <Moment at={row.at} />
              {row.runId !== null && (
                <>
                  {' · run '}
                  <a href={`#/runs/${encodeURIComponent(row.runId)}`}>{visible(row.runId, 200)}</a>
                </>
              )}
            </span>
            {row.replays > 0 && <span class="tag"> replayed {row.replays} times</span>}
            {open === row.id && <DeadLetterCard id={row.id} />}
          </li>
        ))}
      </ul>
      {rows.length > shown.length && (
        <p class="muted">… and {rows.length - shown.length} more of this kind, ticked with the group.</p>
      )}
      {!isReadOnly && !isAll && (
        <button type="button" class="small" onClick={() => onTick(ids, true)}>
          {rows.length === 1 ? 'Replay or discard…' : `Replay or discard these ${rows.length}…`}
        </button>
      )}
    </fieldset>
  )
}
