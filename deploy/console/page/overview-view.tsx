import {useEffect, useState} from 'preact/hooks'
import {visible} from './base/text.ts'
import {relative} from './base/time.ts'
import type {Loaded} from './base/use-view.ts'
import type {AttentionItem, Environment, JobRow, Overview} from './base/wire.ts'
import {ActionButton} from './parts/action-button.tsx'
import {CommandLine} from './parts/command-line.tsx'
import {Moment} from './parts/moment.tsx'
import {OutcomeLabel} from './parts/outcome.tsx'
import {Strip} from './parts/strip.tsx'

/** What needs a person, what was dealt with, what runs, and every job. */
export function OverviewView({overview, selected}: {overview: Loaded<Overview>; selected: string | undefined}) {
  const now = useNow()
  const {view, reload} = overview
  if (view === undefined) return <p class="loading">Reading the run ledger…</p>
  const {attention, settled, running, jobs} = view.data
  const runsAreKnown = !view.unknown.some(({subject}) => subject === 'runs')
  return (
    <>
      <section aria-labelledby="needs">
        <h1 id="needs">Needs me</h1>
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
              <OutcomeLabel outcome={run.outcome} />{' '}
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
        <div class="jobs">
          {jobs.map(job => (
            <Job
              key={job.name}
              job={job}
              environment={view.environment}
              isSelected={job.name === selected}
              now={now}
              onDone={reload}
            />
          ))}
        </div>
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
  const {job, runId, reason, text, at, step} = item
  return (
    <li class={`item ${reason === 'degraded' || reason === 'paused' ? 'warn' : 'bad'}`} data-row>
      <div class="head">
        <span class="reason">{reason}</span> <strong>{visible(job ?? 'unknown job', 100)}</strong>{' '}
        <span class="muted">
          <Moment at={at} /> · {relative(at, now)}
        </span>
      </div>
      <p class="text">{visible(text === '' ? (runId ?? '') : text, 2000)}</p>
      <div class="foot">
        {reason === 'paused' && job !== null ? (
          <ActionButton label="Resume" path={`/schedules/${job}/resume`} environment={environment} onDone={onDone} />
        ) : (
          <a class="button" href={step.path}>
            {step.label}
          </a>
        )}
        <CommandLine command={step.command} />
      </div>
    </li>
  )
}

function Job({
  job,
  environment,
  isSelected,
  now,
  onDone,
}: {
  job: JobRow
  environment: Environment
  isSelected: boolean
  now: Date
  onDone: () => void
}) {
  const last = job.strip.findLast(({outcome}) => outcome !== 'missed' && outcome !== 'pending')
  const {scheduleState: state, nextRunAt, missed, deadLetters} = job
  return (
    <article class={isSelected ? 'job selected' : 'job'} data-row>
      <h3>
        <a href={`#/runs?job=${job.name}`}>{job.name}</a>
      </h3>
      <p class="muted">{job.summary}</p>
      <Strip runs={job.strip} job={job.name} />
      <p>
        {last === undefined ? <span class="none">no run</span> : <OutcomeLabel outcome={last.outcome} />}{' '}
        {last !== undefined && <span class="muted">{relative(last.at, now)}</span>}
        {job.unusual !== null && <strong class="unusual"> {visible(job.unusual, 200)}</strong>}
      </p>
      <p class="muted">
        {job.schedule === null ? 'Published by hand only' : `${job.schedule} UTC`}
        {nextRunAt !== null && (
          <>
            {' · next '}
            <Moment at={nextRunAt} /> ({relative(nextRunAt, now)})
          </>
        )}
        {state !== null && state !== 'enabled' && (
          <span class={state === 'paused' ? 'tag bad' : 'tag'}>schedule {state}</span>
        )}
        {missed !== null && missed > 0 && <span class="tag bad">{missed} missed</span>}
        {deadLetters !== null && deadLetters > 0 && (
          <span class="tag bad">{deadLetters === 1 ? '1 dead letter' : `${deadLetters} dead letters`}</span>
        )}
      </p>
      <p class="actions">
        <a class="button small" href={`#/publish/${job.name}`}>
          Publish…
        </a>
        {state === 'paused' && (
          <ActionButton
            label="Resume"
            path={`/schedules/${job.name}/resume`}
            environment={environment}
            onDone={onDone}
          />
        )}
        {(state === 'enabled' || state === 'off') && (
          <ActionButton label="Pause" path={`/schedules/${job.name}/pause`} environment={environment} onDone={onDone} />
        )}
      </p>
    </article>
  )
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
