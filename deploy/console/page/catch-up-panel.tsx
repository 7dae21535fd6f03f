import {useEffect, useRef, useState} from 'preact/hooks'
import {ask} from './base/api.ts'
import {visible} from './base/text.ts'
import {useView} from './base/use-view.ts'
import type {ActionResult, Environment} from './base/wire.ts'
import type {MissedSlotRow} from './base/wire-views.ts'
import {CommandLine} from './parts/command-line.tsx'
import {ConfirmDialog} from './parts/confirm-dialog.tsx'
import {Moment} from './parts/moment.tsx'

/**
 * Missed slots, what is right for each, and one button that does it. Nothing where nothing was missed.
 *
 * @param options.asked run ids that the address names, separated by commas; undefined or empty: all.
 */
export function CatchUpPanel({environment, asked}: {environment: Environment; asked: string | null}) {
  const {view, trouble: unread, reload} = useView<readonly MissedSlotRow[]>('/catch-up')
  /** Run ids. Undefined until slots are there for the first time: those are all ticked, and later ones are not. */
  const [ticked, setTicked] = useState<ReadonlySet<string>>()
  /** What the dialog was opened for. */
  const [asking, setAsking] = useState<readonly string[]>()
  const [isBusy, setIsBusy] = useState(false)
  const [results, setResults] = useState<readonly ActionResult[]>([])
  const [trouble, setTrouble] = useState('')
  const panel = useRef<HTMLElement>(null)
  const slots = view?.data ?? []
  const isThere = slots.length > 0
  const answered = useRef<string>()
  // An address that names slots ticks those alone, once, and is about them.
  useEffect(() => {
    if (!asked) answered.current = undefined
    if (!isThere) return
    if (!asked || answered.current === asked) {
      setTicked(known => known ?? new Set(slots.map(({runId}) => runId)))
      return
    }
    answered.current = asked
    setTicked(new Set(asked.split(',')))
    panel.current?.scrollIntoView({block: 'center'})
    panel.current?.focus({preventScroll: true})
  }, [asked, isThere])
  const chosen = slots.filter(({runId}) => ticked?.has(runId))
  const command = toCommand(environment.name, slots, chosen)
  const run = async (runIds: readonly string[], confirm: string) => {
    setAsking(undefined)
    setIsBusy(true)
    setTrouble('')
    try {
      setResults(await ask<ActionResult[]>('/catch-up', {runIds, confirm}))
      reload()
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error))
    } finally {
      setIsBusy(false)
    }
  }
  const tick = (runId: string, isOn: boolean) => {
    const next = new Set(ticked)
    if (isOn) next.add(runId)
    else next.delete(runId)
    setTicked(next)
  }
  const said = trouble === '' ? (unread ?? '') : trouble
  if (!isThere && results.length === 0 && said === '') return null
  return (
    <section class="panel" aria-labelledby="catch-up" ref={panel} tabIndex={-1}>
      <h2 id="catch-up">Missed slots</h2>
      {isThere && <p class="muted">Their time came, and the run ledger has nothing of them. What is right for each:</p>}
      <ul class="plain">
        {slots.map(({runId, job, slot, skipReason}) => (
          <li key={runId} data-row>
            <label class="check">
              <input
                type="checkbox"
                checked={ticked?.has(runId) ?? false}
                disabled={environment.readOnly || isBusy}
                onChange={event => tick(runId, event.currentTarget.checked)}
              />
              <span>
                <strong>{job}</strong> <Moment at={slot} /> →{' '}
                {skipReason === null ? 'runs now' : `is recorded as skipped: ${visible(skipReason, 300)}`}
              </span>
            </label>
          </li>
        ))}
      </ul>
      {said !== '' && <p role="alert">{visible(said, 1000)}</p>}
      {isThere && !environment.readOnly && (
        <p class="actions">
          <button
            type="button"
            class="primary"
            disabled={isBusy || chosen.length === 0}
            onClick={() => setAsking(chosen.map(({runId}) => runId))}
          >
            {isBusy ? 'Catching up, one after the other…' : `Catch up with ${count(chosen.length)}`}
          </button>
          {command !== undefined && <CommandLine command={command} />}
        </p>
      )}
      {asking !== undefined && (
        <ConfirmDialog
          title="Catch up"
          environment={environment}
          onCancel={() => setAsking(undefined)}
          onConfirm={typed => void run(asking, typed)}
        >
          <p>{count(asking.length)}, oldest first; each run is waited for.</p>
        </ConfirmDialog>
      )}
      {results.length > 0 && (
        <ul class="results" role="status">
          {results.map(({id, state: result, text}) => (
            <li key={id} class={result === 'done' ? 'good' : 'bad'}>
              {result === 'done' ? '✔' : '✖'} <a href={`#/runs/${encodeURIComponent(id)}`}>{visible(id, 200)}</a>:{' '}
              {visible(text, 500)}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function count(slots: number): string {
  return slots === 1 ? '1 slot' : `${slots} slots`
}

/**
 * The command that does the same. It takes jobs, not slots, and looks back a week unless it is told otherwise.
 *
 * @returns undefined where none does: some of a job's slots are chosen, and others not.
 */
function toCommand(env: string, slots: readonly MissedSlotRow[], chosen: readonly MissedSlotRow[]): string | undefined {
  const jobs = new Set(chosen.map(({job}) => job))
  if (chosen.length === 0 || slots.some(slot => jobs.has(slot.job) && !chosen.includes(slot))) return undefined
  const all = new Set(slots.map(({job}) => job))
  const days = Math.ceil((Date.now() - Math.min(...chosen.map(({slot}) => Date.parse(slot)))) / 86_400_000)
  const words = [
    ...(jobs.size < all.size ? [...jobs].map(job => `--job ${job}`) : []),
    ...(days > 7 ? [`--since ${days}d`] : []),
  ]
  return ['npm run catch-up --', env, ...words].join(' ')
}
