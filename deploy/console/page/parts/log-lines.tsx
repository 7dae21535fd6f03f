import {useState} from 'preact/hooks'
import {visible} from '../base/text.ts'
import {useView} from '../base/use-view.ts'
import type {RunLogView} from '../base/wire-views.ts'
import {Scroll} from './scroll.tsx'

/** Milliseconds. Cloud Logging may list a line up to a minute late, and the server keeps its answer for ten seconds. */
const pausesAfterEnd = [11_000, 15_000, 30_000]

/** A run's log lines, read only once they are opened: in the cloud each reading is a request to Cloud Logging. */
export function LogLines({runId, isOver, logHint}: {runId: string; isOver: boolean; logHint: string}) {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <details class="logs" onToggle={event => setIsOpen(event.currentTarget.open)}>
      <summary>
        <h2>Log lines</h2>
      </summary>
      {isOpen && <Lines runId={runId} isOver={isOver} />}
      {/^https:/.test(logHint) && (
        <p>
          <a href={logHint}>The same in the Logs Explorer</a>
        </p>
      )}
    </details>
  )
}

function Lines({runId, isOver}: {runId: string; isOver: boolean}) {
  const {view, trouble} = useView<RunLogView>(`/runs/${encodeURIComponent(runId)}/logs`, isOver ? pausesAfterEnd : 3000)
  if (view === undefined) return <p class="loading">{trouble ?? 'Reading the log…'}</p>
  const {lines, leftOut, missing} = view.data
  return (
    <>
      {trouble !== undefined && <p role="alert">{trouble}</p>}
      {leftOut > 0 && (
        <p class="muted">
          {leftOut.toLocaleString('en-US')} older lines are left out: npm run logs -- {view.environment.name}{' '}
          {visible(runId, 200)}
        </p>
      )}
      {missing === null ? (
        <Scroll label="Log lines of the run">
          <pre class="log">
            {lines.map(({id, text}) => (
              <span key={id} class={/\b(ERROR|CRITICAL|error)\b/.test(text) ? 'bad' : undefined}>
                {visible(text, 4000)}
                {'\n'}
              </span>
            ))}
          </pre>
        </Scroll>
      ) : (
        <p class="text">{visible(missing, 5000)}</p>
      )}
    </>
  )
}
