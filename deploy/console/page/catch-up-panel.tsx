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
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const [state, setState] = useState<'idle' | 'asking' | 'busy'>('idle')
  const [results, setResults] = useState<readonly ActionResult[]>([])
  const [trouble, setTrouble] = useState('')
  const panel = useRef<HTMLElement>(null)
  const slots = view?.data ?? []
  const isThere = slots.length > 0
  // An address that names slots ticks those alone, and is about them.
  useEffect(() => {
    if (!asked || !isThere) return
    const wanted = new Set(asked.split(','))
    setLeft(new Set(slots.flatMap(({runId}) => (wanted.has(runId) ? [] : [runId]))))
    panel.current?.scrollIntoView({block: 'center'})
    panel.current?.focus({preventScroll: true})
  }, [asked, isThere])
  const chosen = slots.filter(({runId}) => !left.has(runId))
  const run = async (confirm: string) => {
    if (state === 'busy') return
    setState('busy')
    setTrouble('')
    try {
      setResults(await ask<ActionResult[]>('/catch-up', {runIds: chosen.map(({runId}) => runId), confirm}))
      reload()
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error))
    } finally {
      setState('idle')
    }
  }
  const tick = (runId: string, isOn: boolean) => {
    const next = new Set(left)
    if (isOn) next.delete(runId)
    else next.add(runId)
    setLeft(next)
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
                checked={!left.has(runId)}
                disabled={environment.readOnly || state === 'busy'}
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
            disabled={state === 'busy' || chosen.length === 0}
            onClick={() => setState('asking')}
          >
            {state === 'busy' ? 'Catching up, one after the other…' : `Catch up with ${count(chosen.length)}`}
          </button>
          <CommandLine command={toCommand(environment.name, slots, chosen)} />
        </p>
      )}
      {state === 'asking' && (
        <ConfirmDialog
          title="Catch up"
          environment={environment}
          onCancel={() => setState('idle')}
          onConfirm={typed => void run(typed)}
        >
          <p>{count(chosen.length)}, oldest first; each run is waited for.</p>
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

/** The command takes jobs, not slots, and looks back a week unless it is told otherwise. */
function toCommand(env: string, slots: readonly MissedSlotRow[], chosen: readonly MissedSlotRow[]): string {
  const jobs = [...new Set(chosen.map(({job}) => job))]
  const all = new Set(slots.map(({job}) => job))
  const days = Math.ceil((Date.now() - Math.min(...chosen.map(({slot}) => Date.parse(slot)))) / 86_400_000)
  const words = [
    ...(jobs.length < all.size ? jobs.map(job => `--job ${job}`) : []),
    ...(days > 7 ? [`--since ${days}d`] : []),
  ]
  return ['npm run catch-up --', env, ...(chosen.length === 0 ? [] : words)].join(' ')
}
