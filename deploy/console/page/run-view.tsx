import {Fragment} from 'preact'
import {toWords, visible} from './base/text.ts'
import {duration, full} from './base/time.ts'
import {useView} from './base/use-view.ts'
import type {LedgerRow, RunDetail} from './base/wire.ts'
import {useNow} from './overview-view.tsx'
import {CommandLine} from './parts/command-line.tsx'
import {LogLines} from './parts/log-lines.tsx'
import {Moment} from './parts/moment.tsx'
import {Organizations} from './parts/organizations.tsx'
import {OutcomeLabel, outcomeStyles} from './parts/outcome.tsx'
import {Watch} from './parts/watch.tsx'
import {Waterfall} from './parts/waterfall.tsx'

/** One run: what was asked, how far it came, each attempt, and what it said. */
export function RunView({runId}: {runId: string}) {
  const {view, trouble} = useView<RunDetail>(`/runs/${encodeURIComponent(runId)}`)
  const now = useNow()
  if (view === undefined)
    return trouble === undefined ? (
      <p class="loading">Reading the run…</p>
    ) : (
      <NotThere runId={runId} trouble={trouble} />
    )
  const {run, args, history, commands, logHint} = view.data
  const isOver = run.durationMilliseconds !== null
  return (
    <article class="run" aria-labelledby="run">
      <h1 id="run">
        <a href={`#/runs?job=${run.job}`}>{run.job}</a> <span class="mono muted">{visible(run.runId, 300)}</span>
      </h1>
      <div class={`sheet lead ${outcomeStyles[run.outcome].tone}`}>
        <p>
          <OutcomeLabel outcome={run.outcome} />{' '}
          {isOver && <span class="muted">in {duration(run.durationMilliseconds ?? 0)}</span>} <Watch run={run} />
        </p>
        <p class="text">{visible(run.text)}</p>
        {run.deadLetterId !== null && (
          <p class="actions">
            <a class="button primary" href={`#/dead-letters?ids=${encodeURIComponent(run.deadLetterId)}`}>
              See its dead letter, and replay it
            </a>
          </p>
        )}
      </div>
      <div>
        <Organizations detail={view.data} />
        <h2>Attempts</h2>
        <div class="sheet">
          <Waterfall bars={run.bars} now={now} />
        </div>
        <h2>History</h2>
        <ol class="history">
          {history
            .filter(({event}, index) => event !== 'progress' || index === history.length - 1)
            .map((entry, index) => (
              <Entry key={`${index} ${entry.at}`} entry={entry} />
            ))}
        </ol>
        <LogLines runId={runId} isOver={isOver} logHint={logHint} />
      </div>
      <aside aria-label="Facts">
        <h2>Facts</h2>
        <dl class="facts sheet">
          <dt>Started</dt>
          <dd>
            <Moment at={run.at} />
          </dd>
          {isOver && (
            <>
              <dt>Took</dt>
              <dd>{duration(run.durationMilliseconds ?? 0)}</dd>
            </>
          )}
          <dt>Asked for by</dt>
          <dd>{run.trigger === 'schedule' ? 'its schedule' : `${visible(run.requestedBy, 200)} (${run.trigger})`}</dd>
          <dt>Attempts</dt>
          <dd>
            {run.attempts}
            {run.parts > 1 ? `, ${run.parts} parts` : ''}
          </dd>
          {Object.entries(run.counts).map(([name, count]) => (
            <Fragment key={name}>
              <dt>{toWords(name)}</dt>
              <dd>{count.toLocaleString('en-US', {maximumFractionDigits: 20})}</dd>
            </Fragment>
          ))}
          {run.deadLetterId !== null && (
            <>
              <dt>Dead letter</dt>
              <dd class="mono">{visible(run.deadLetterId, 100)}</dd>
            </>
          )}
        </dl>
        <h2>Arguments</h2>
        <pre>{visible(args, 200_000)}</pre>
        <h2>In the terminal</h2>
        {commands.map(command => (
          <p key={command}>
            <CommandLine command={command} />
          </p>
        ))}
      </aside>
    </article>
  )
}

/** A run that was published a moment ago has nothing in the ledger yet; its page appears once it has. */
function NotThere({runId, trouble}: {runId: string; trouble: string}) {
  return (
    <>
      <h1>{visible(runId, 300)}</h1>
      <p role="status">{visible(trouble, 1000)}</p>
      <p class="muted">This page refreshes automatically.</p>
    </>
  )
}

function Entry({entry}: {entry: LedgerRow}) {
  const {event, at, attempt, part, summary, error, counts, version, requestedBy} = entry
  return (
    <li>
      <strong>{event === 'duplicate' && summary !== null ? 'on record' : event}</strong>{' '}
      <time title={full(at)}>{full(at)}</time>
      <br />
      <span class="muted">
        {[
          attempt > 0 ? `attempt ${attempt}${part > 1 ? `, part ${part}` : ''}` : '',
          requestedBy === 'unknown' ? entry.trigger : visible(requestedBy, 100),
          `version ${visible(version, 80)}`,
          entry.requestId === null ? '' : `request ${visible(entry.requestId, 100)}`,
        ]
          .filter(Boolean)
          .join(' · ')}
      </span>
      {summary !== null && <p class="text">{visible(summary)}</p>}
      {error !== null && error.message !== summary && (
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
