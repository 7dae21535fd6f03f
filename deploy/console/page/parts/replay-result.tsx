import {useEffect, useState} from 'preact/hooks'
import {visible} from '../base/text.ts'
import {useView} from '../base/use-view.ts'
import type {ActionResult, LedgerRow, RunDetail, RunRow} from '../base/wire.ts'
import {OutcomeLabel} from './outcome.tsx'

/** What was done with a dead letter, and what has become of its run since. */
export function ReplayResult({result: {id, runId, state, text, since}}: {result: ActionResult}) {
  return (
    <li class={state === 'done' ? 'good' : 'bad'}>
      {state === 'done' ? '✔' : '✖'} {visible(id, 100)}: {visible(text, 500)}
      {runId !== null && since !== null && <RunSince runId={runId} since={since} />}
      {runId !== null && (
        <>
          {' '}
          <a href={`#/runs/${encodeURIComponent(runId)}`}>see the run</a>
        </>
      )}
    </li>
  )
}

/** Follows a run to its end, and keeps that. */
function RunSince({runId, since}: {runId: string; since: string}) {
  const [end, setEnd] = useState<RunRow>()
  if (end === undefined) return <Following runId={runId} since={since} onEnd={setEnd} />
  return (
    <>
      {' → '}
      <OutcomeLabel outcome={end.outcome} /> <span class="text">{visible(end.text, 300)}</span>
    </>
  )
}

function Following({runId, since, onEnd}: {runId: string; since: string; onEnd: (run: RunRow) => void}) {
  const {view} = useView<RunDetail>(`/runs/${encodeURIComponent(runId)}`)
  const {run, history = []} = view?.data ?? {}
  // Until then, the run is what it was before the replay.
  const isNew = history.some(entry => Date.parse(entry.at) >= Date.parse(since) && isDelivered(entry))
  const isOver = isNew && run !== undefined && run.durationMilliseconds !== null
  useEffect(() => {
    if (isOver) onEnd(run)
  }, [isOver, run, onEnd])
  return (
    <>
      {' → '}
      {isNew && run !== undefined ? <OutcomeLabel outcome={run.outcome} /> : 'waiting for the function…'}
    </>
  )
}

/** Whether a function got the message: it began an attempt, or found that nothing is to be attempted. */
function isDelivered({event, attempt, error}: LedgerRow): boolean {
  // What a replay itself leaves is a duplicate, too; it bears the dead letter.
  return event === 'started' || (attempt === 0 && !(event === 'duplicate' && error !== null))
}
