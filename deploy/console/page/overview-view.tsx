import {useEffect, useState} from 'preact/hooks'
import {visible} from './base/text.ts'
import {relative} from './base/time.ts'
import type {Loaded} from './base/use-view.ts'
import type {AttentionItem, Environment, Overview, RunRow} from './base/wire.ts'
import {JobList} from './job-list.tsx'
import {ActionButton} from './parts/action-button.tsx'
import {CommandLine} from './parts/command-line.tsx'
import {Moment} from './parts/moment.tsx'
import {OutcomeLabel} from './parts/outcome.tsx'

/** What needs an operator, what was dealt with, what is running, and every job. */
export function OverviewView({overview, selected}: {overview: Loaded<Overview>; selected: string | undefined}) {
  const now = useNow()
  const {view, reload} = overview
  if (view === undefined) return <p class="loading">Reading the run ledger…</p>
  const {attention, settled, running, jobs} = view.data
  const runsAreKnown = !view.unknown.some(({subject}) => subject === 'runs')
  return (
    <>
      <section aria-labelledby="needs">
        <h1 id="needs">{toTitle(attention.length)}</h1>
        {attention.length === 0 && view.unknown.length === 0 && (
          <p class="zero">
            <span aria-hidden="true">✔</span> Nothing needs you.
          </p>
        )}
        {attention.length === 0 && view.unknown.length > 0 && (
          <p>Nothing that is known needs you; see above what is unknown.</p>
        )}
        <ul class="inbox">
          {attention.map(item => (
            <Item key={item.id} item={item} environment={view.environment} now={now} onDone={reload} />
          ))}
        </ul>
        {settled.length > 0 && (
          <details class="settled">
            <summary>
              {settled.length === 1 ? '1 was' : `${settled.length} were`} dealt with in the last 14 days
            </summary>
            <ul>
              {settled.map(({id, job, runId, reason, settlement}) => (
                <li key={id}>
                  <strong>{visible(job ?? 'unknown job', 100)}</strong> {reason}:{' '}
                  {settlement === null
                    ? ''
                    : `settled, ${visible(settlement.how, 200)} by ${visible(settlement.by, 100)} `}
                  {settlement !== null && <Moment at={settlement.at} />}{' '}
                  {runId !== null && <a href={`#/runs/${encodeURIComponent(runId)}`}>the run</a>}
                </li>
              ))}
            </ul>
          </details>
        )}
      </section>
      <section aria-labelledby="running">
        <h2 id="running">Running now</h2>
        {running.length === 0 && <p class="none">{runsAreKnown ? 'No run is in progress.' : 'Unknown.'}</p>}
        <ul class="running">
          {running.map(run => (
            <li key={run.runId} data-row>
              <OutcomeLabel outcome={run.outcome} /> <Progress counts={run.counts} />{' '}
              <a href={`#/runs/${encodeURIComponent(run.runId)}`}>{visible(run.runId, 200)}</a>{' '}
              <span class="muted">
                since <Moment at={run.at} />
                {run.progress === '' ? '' : ` · ${visible(run.progress, 200)}`}
                {run.attempts > 1 ? ` · attempt ${run.attempts}` : ''}
                {run.parts > 1 ? ` · part ${run.parts}` : ''}
              </span>
            </li>
          ))}
        </ul>
      </section>
      <section aria-labelledby="jobs">
        <h2 id="jobs">Jobs</h2>
        <JobList
          jobs={jobs}
          runsAreKnown={runsAreKnown}
          environment={view.environment}
          selected={selected}
          now={now}
          onDone={reload}
        />
      </section>
    </>
  )
}

function Item({
  item,
  environment,
  now,
  onDone,
}: {
  item: AttentionItem
  environment: Environment
  now: Date
  onDone: () => void
}) {
  const {job, runId, reason, text, at, step, count} = item
  return (
    <li class={`item ${reason === 'degraded' || reason === 'paused' ? 'warn' : 'bad'}`} data-row>
      <div>
        <span class="reason">{reason}</span> <strong>{visible(job ?? 'unknown job', 100)}</strong>{' '}
        {count > 1 && <strong>× {count}</strong>}{' '}
        <span class="muted">
          <Moment at={at} /> · {relative(at, now)}
          {runId !== null && reason !== 'missed' && reason !== 'paused' && (
            <>
              {' · '}
              <a href={`#/runs/${encodeURIComponent(runId)}`}>the run</a>
            </>
          )}
        </span>
        <p class={reason === 'unknown outcome' ? 'text whole' : 'text'}>
          {visible(text === '' ? (runId ?? '') : text, 2000)}
        </p>
      </div>
      <div class="foot">
        {reason === 'paused' && job !== null ? (
          <ActionButton
            label="Resume"
            path={`/schedules/${job}/resume`}
            command={step.command}
            environment={environment}
            onDone={onDone}
          />
        ) : (
          <a class="button primary" href={step.path}>
            {step.label}
          </a>
        )}
        <CommandLine command={step.command} />
      </div>
    </li>
  )
}

function toTitle(count: number): string {
  if (count === 0) return 'Needs me'
  return count === 1 ? 'One thing needs you' : `${count} things need you`
}

function Progress({counts: {done, total}}: {counts: RunRow['counts']}) {
  if (done === undefined || total === undefined) return null
  return <progress class="inline" max={Math.max(1, total)} value={done} aria-label={`${done} of ${total}`} />
}

/** Countdowns move once in five seconds: nothing on the page ticks under the reader. */
export function useNow(): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setNow(new Date())
    }, 5000)
    return () => clearInterval(timer)
  }, [])
  return now
}
