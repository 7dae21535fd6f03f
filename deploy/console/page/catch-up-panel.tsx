import {useEffect, useState} from 'preact/hooks'
import {ask} from './base/api.ts'
import {visible} from './base/text.ts'
import type {ActionResult, Environment} from './base/wire.ts'
import type {MissedSlotRow} from './base/wire-views.ts'
import {CommandLine} from './parts/command-line.tsx'
import {ConfirmDialog} from './parts/confirm-dialog.tsx'
import {Moment} from './parts/moment.tsx'

/** Missed slots, what is right for each, and one button that does it. Nothing where nothing was missed. */
export function CatchUpPanel({environment}: {environment: Environment}) {
  const [slots, setSlots] = useState<readonly MissedSlotRow[]>([])
  const [state, setState] = useState<'idle' | 'asking' | 'busy'>('idle')
  const [results, setResults] = useState<readonly ActionResult[]>([])
  const [trouble, setTrouble] = useState('')
  const load = () =>
    ask<readonly MissedSlotRow[]>('/catch-up').then(setSlots, error => setTrouble(String(error.message)))
  useEffect(() => void load(), [])
  const run = async (confirm: string) => {
    if (state === 'busy') return
    setState('busy')
    setTrouble('')
    try {
      setResults(await ask<ActionResult[]>('/catch-up', {runIds: slots.map(({runId}) => runId), confirm}))
      await load()
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error))
    } finally {
      setState('idle')
    }
  }
  if (slots.length === 0 && results.length === 0 && trouble === '') return null
  return (
    <section class="panel" aria-labelledby="catch-up">
      <h2 id="catch-up">Missed slots</h2>
      <ul>
        {slots.map(({runId, job, slot, skipReason}) => (
          <li key={runId}>
            {job} <Moment at={slot} />:{' '}
            {skipReason === null ? 'runs' : `is recorded as skipped, ${visible(skipReason, 300)}`}
          </li>
        ))}
      </ul>
      {trouble !== '' && <p role="alert">{visible(trouble, 1000)}</p>}
      {slots.length > 0 && !environment.readOnly && (
        <p class="actions">
          <button type="button" class="primary" disabled={state === 'busy'} onClick={() => setState('asking')}>
            {state === 'busy' ? 'Catching up, one after the other…' : 'Catch up'}
          </button>
          <CommandLine command={`npm run catch-up -- ${environment.name}`} />
        </p>
      )}
      {state === 'asking' && (
        <ConfirmDialog
          title="Catch up"
          environment={environment}
          onCancel={() => setState('idle')}
          onConfirm={typed => void run(typed)}
        >
          <p>{slots.length === 1 ? '1 slot' : `${slots.length} slots`}, oldest first; each run is waited for.</p>
        </ConfirmDialog>
      )}
      {results.length > 0 && (
        <ul class="results" role="status">
          {results.map(({id, state: result, text}) => (
            <li key={id} class={result === 'done' ? 'good' : 'bad'}>
              {result === 'done' ? '✔' : '✖'} {visible(id, 200)}: {visible(text, 500)}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
