import {toWords, visible} from './base/text.ts'
import {duration, full} from './base/time.ts'
import {useView} from './base/use-view.ts'
import type {LedgerRow, RunDetail} from './base/wire.ts'
import {useNow} from './overview-view.tsx'
import {CommandLine} from './parts/command-line.tsx'
import {LogLines} from './parts/log-lines.tsx'
import {Moment} from './parts/moment.tsx'
import {Organizations} from './parts/organizations.tsx'
import {OutcomeLabel} from './parts/outcome.tsx'
import {Watch} from './parts/watch.tsx'
import {Waterfall} from './parts/waterfall.tsx'

/** One run: what was asked, how far it came, each attempt, and what it said. */
export function RunView({runId}: {runId: string}) {
  const {view, trouble} = useView<RunDetail>(`/runs/${encodeURIComponent(runId)}`)
  const now = useNow()
  if (view === undefined) return <p class="loading">{trouble ?? 'Reading the run…'}</p>
  const {run, args, history, commands, logHint} = view.data
  return (
    <article aria-labelledby="run">
      <h1 id="run">
        <OutcomeLabel outcome={run.outcome} /> {visible(run.runId, 300)}
      </h1>
      <p class="text">{visible(run.text)}</p>
      <dl class="facts">
        <dt>Started</dt>
        <dd>
          <Moment at={run.at} />
        </dd>
        {run.durationMilliseconds !== null && (
          <>
            <dt>Took</dt>
            <dd>{duration(run.durationMilliseconds)}</dd>
          </>
        )}
        <dt>Asked for by</dt>
        <dd>
          {run.trigger === 'schedule' ? 'its schedule' : visible(run.requestedBy, 200)} ({run.trigger})
        </dd>
        <dt>Attempts</dt>
        <dd>
          {run.attempts}
          {run.parts > 1 ? `, ${run.parts} parts` : ''}
        </dd>
        {Object.entries(run.counts).map(([name, count]) => (
          <>
            <dt key={`${name} name`}>{toWords(name)}</dt>
            <dd key={name}>{count.toLocaleString('en-US', {maximumFractionDigits: 20})}</dd>
          </>
        ))}
        {run.deadLetterId !== null && (
          <>
            <dt>Dead letter</dt>
            <dd>
              <a href={`#/dead-letters?ids=${encodeURIComponent(run.deadLetterId)}`}>
                {visible(run.deadLetterId, 100)}
              </a>
            </dd>
          </>
        )}
      </dl>
      <Watch run={run} />
      <Organizations detail={view.data} />
      <h2>Attempts</h2>
      <Waterfall bars={run.bars} now={now} />
      <h2>Arguments</h2>
      <pre>{visible(args, 200_000)}</pre>
      <h2>History</h2>
      <ol class="history">
        {history.map((entry, index) => (
          <Entry key={`${index} ${entry.at}`} entry={entry} />
        ))}
      </ol>
      <LogLines runId={runId} isOver={run.durationMilliseconds !== null} logHint={logHint} />
      <h2>In the terminal</h2>
      {commands.map(command => (
        <p key={command}>
          <CommandLine command={command} />
        </p>
      ))}
    </article>
  )
}

function Entry({entry}: {entry: LedgerRow}) {
  const {event, at, attempt, part, summary, error, counts, version, requestedBy} = entry
  return (
    <li>
      <strong>{event}</strong> <time title={full(at)}>{full(at)}</time>{' '}
      <span class="muted">
        {attempt > 0 ? `attempt ${attempt}` : ''}
        {part > 1 ? `, part ${part}` : ''} · {visible(version, 80)} · {visible(requestedBy, 100)}
      </span>
      {summary !== null && <p class="text">{visible(summary)}</p>}
      {error !== null && (
        <div class="error">
          <p class="text">
            <strong>
              {visible(error.name, 100)}
              {error.kind === null ? '' : ` (${error.kind})`}
            </strong>
            : {visible(error.message)}
          </p>
          {error.details.map((line, index) => (
            <p key={`${index} ${line}`} class="text">
              • {visible(line)}
            </p>
          ))}
        </div>
      )}
      {counts !== null && (
        <p class="muted">
          {Object.entries(counts)
            .map(([name, count]) => `${count} ${toWords(name)}`)
            .join(', ')}
        </p>
      )}
    </li>
  )
}
