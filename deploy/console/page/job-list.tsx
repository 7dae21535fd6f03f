import {visible} from './base/text.ts'
import {relative} from './base/time.ts'
import type {Environment, JobRow} from './base/wire.ts'
import {ActionButton} from './parts/action-button.tsx'
import {CopyButton} from './parts/command-line.tsx'
import {Moment} from './parts/moment.tsx'
import {OutcomeLabel} from './parts/outcome.tsx'
import {Strip} from './parts/strip.tsx'

/** Every job in a row: its last runs, how the last one ended, when the next is due, and what can be done. */
export function JobList(options: {
  readonly jobs: readonly JobRow[]
  readonly environment: Environment
  readonly selected: string | undefined
  readonly now: Date
  /** Whether the runs could be read: none of an unknown number isn't none. */
  readonly runsAreKnown: boolean
  readonly onDone: () => void
}) {
  const {jobs, selected, ...rest} = options
  return (
    <div class="jobs">
      {jobs.map(job => (
        <Job key={job.name} job={job} isSelected={job.name === selected} {...rest} />
      ))}
    </div>
  )
}

function Job({
  job,
  environment,
  isSelected,
  now,
  runsAreKnown,
  onDone,
}: {
  job: JobRow
  environment: Environment
  isSelected: boolean
  now: Date
  runsAreKnown: boolean
  onDone: () => void
}) {
  const {name, scheduleState: state, lastRun: last} = job
  return (
    <article class={isSelected ? 'job selected' : 'job'} data-row>
      <div>
        <h3>
          <a href={`#/runs?job=${name}`}>{name}</a>
        </h3>
        <p class="muted">{job.summary}</p>
      </div>
      <Strip runs={job.strip} job={name} isKnown={runsAreKnown} />
      <p>
        {last !== null && (
          <>
            <a href={`#/runs/${encodeURIComponent(last.runId)}`}>
              <OutcomeLabel outcome={last.outcome} />
            </a>{' '}
            <span class="muted">{relative(last.at, now)}</span>
          </>
        )}
        {job.unusual !== null && <strong class="unusual">{visible(job.unusual, 200)}</strong>}
      </p>
      <Schedule job={job} now={now} />
      <div class="actions">
        <span class="pair">
          <a class="button small" href={`#/publish/${name}`}>
            Publish…
          </a>
          <CopyButton command={`npm run publish -- ${name} ${environment.name}`} />
        </span>
        {state === 'paused' && (
          <ActionButton
            label="Resume"
            path={`/schedules/${name}/resume`}
            command={`npm run resume -- ${environment.name} ${name}`}
            environment={environment}
            onDone={onDone}
          />
        )}
        {(state === 'enabled' || state === 'off') && (
          <ActionButton
            label="Pause"
            path={`/schedules/${name}/pause`}
            command={`npm run pause -- ${environment.name} ${name}`}
            environment={environment}
            onDone={onDone}
          />
        )}
      </div>
    </article>
  )
}

function Schedule({job, now}: {job: JobRow; now: Date}) {
  const {scheduleState: state, nextRunAt, missed, deadLetters} = job
  return (
    <div>
      <p class="muted">{job.schedule === null ? 'Published by hand only' : `${job.schedule} UTC`}</p>
      {nextRunAt !== null && (
        <p class="muted">
          next {relative(nextRunAt, now)}, <Moment at={nextRunAt} />
        </p>
      )}
      <p>
        {state !== null && state !== 'enabled' && (
          <span class={state === 'paused' ? 'tag bad' : 'tag'}>schedule {state}</span>
        )}
        {missed !== null && missed > 0 && (
          <a class="tag bad" href="#/timeline?range=7d">
            {missed} missed
          </a>
        )}
        {deadLetters !== null && deadLetters > 0 && (
          <a class="tag bad" href="#/dead-letters">
            {deadLetters === 1 ? '1 dead letter' : `${deadLetters} dead letters`}
          </a>
        )}
      </p>
    </div>
  )
}
