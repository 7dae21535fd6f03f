import {useEffect, useState} from 'preact/hooks'
import {ask} from './base/api.ts'
import {go, type Route, toHash} from './base/route.ts'
import {visible} from './base/text.ts'
import {duration} from './base/time.ts'
import {useView} from './base/use-view.ts'
import type {Environment, ReleaseStep, RunDetail} from './base/wire.ts'
import {CommandLine, CopyButton} from './parts/command-line.tsx'
import {ConfirmDialog} from './parts/confirm-dialog.tsx'
import {OutcomeLabel} from './parts/outcome.tsx'

/**
 * A release as its steps: each starts when the one before is green, and the pause in between is confirmed by the
 * person who deployed. The address holds the runs, so a colleague who gets the link sees the same release.
 */
export function ReleaseView({route, environment}: {route: Route; environment: Environment | undefined}) {
  const [steps, setSteps] = useState<readonly ReleaseStep[]>([])
  const [green, setGreen] = useState<ReadonlySet<string>>(new Set())
  const [trouble, setTrouble] = useState('')
  useEffect(() => {
    ask<readonly ReleaseStep[]>('/release').then(setSteps, error => setTrouble(String(error.message)))
  }, [])
  if (environment === undefined) return <p class="loading">Reading…</p>
  const isGreen = ({step, job}: ReleaseStep) =>
    job === null ? route.query.get(step) === 'done' : green.has(`${route.query.get(step)}`)
  const next = steps.findIndex(step => !isGreen(step))
  const begun = steps.some(({step}) => route.query.has(step))
  return (
    <section aria-labelledby="release">
      <h1 id="release">Release</h1>
      <p class="muted">The release jobs in their order; it stops at the first that isn't green.</p>
      {trouble !== '' && <p role="alert">{visible(trouble, 1000)}</p>}
      <ol class="steps">
        {steps.map((step, index) => (
          <Step
            key={step.step}
            step={step}
            runId={step.job === null ? undefined : (route.query.get(step.step) ?? undefined)}
            isDone={isGreen(step)}
            isNext={index === next}
            environment={environment}
            onStart={runId => go(toHash(route, {[step.step]: runId}))}
            onGreen={runId => setGreen(known => (known.has(runId) ? known : new Set(known).add(runId)))}
          />
        ))}
      </ol>
      {next === -1 && steps.length > 0 && (
        <p class="zero">
          <span aria-hidden="true">✔</span> Released.
        </p>
      )}
      {begun && (
        <p>
          <a href="#/release">Begin another release</a>
        </p>
      )}
      <CommandLine
        command={`npm run release -- ${environment.name}${next > 0 ? ` --from ${steps[next]?.step ?? ''}` : ''}`}
      />
    </section>
  )
}

function Step(options: {
  readonly step: ReleaseStep
  readonly runId: string | undefined
  readonly isDone: boolean
  readonly isNext: boolean
  readonly environment: Environment
  readonly onStart: (runId: string) => void
  readonly onGreen: (runId: string) => void
}) {
  const {step, runId, isDone, isNext, environment, onStart, onGreen} = options
  const [state, setState] = useState<'idle' | 'asking' | 'busy'>('idle')
  const [trouble, setTrouble] = useState('')
  const start = async (confirm: string) => {
    if (state === 'busy') return
    setState('busy')
    setTrouble('')
    try {
      const {runId: started} = await ask<{runId: string}>(`/jobs/${step.job}/runs`, {args: [], confirm})
      onStart(started)
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error))
    } finally {
      setState('idle')
    }
  }
  const canStart = isNext && !environment.readOnly
  return (
    <li class={isNext ? 'step next' : 'step'} data-row>
      <h2>{step.step}</h2>
      <p>{step.context}</p>
      {runId !== undefined && (
        <StepRun runId={runId} onGreen={onGreen} onRetry={canStart ? () => setState('asking') : undefined} />
      )}
      {step.job === null && isDone && <p class="good">✔ confirmed</p>}
      {canStart && step.job === null && (
        <button type="button" class="primary" onClick={() => onStart('done')}>
          Both are deployed
        </button>
      )}
      {canStart && step.job !== null && runId === undefined && (
        <span class="pair">
          <button
            type="button"
            class="primary"
            disabled={state === 'busy'}
            onClick={() => (environment.isProduction ? setState('asking') : void start(''))}
          >
            {state === 'busy' ? 'Publishing…' : `Run ${step.job}`}
          </button>
          <CopyButton command={`npm run publish -- ${step.job} ${environment.name}`} />
        </span>
      )}
      {trouble !== '' && <p role="alert">{visible(trouble, 1000)}</p>}
      {state === 'asking' && (
        <ConfirmDialog
          title={`Run ${step.job}`}
          environment={environment}
          onCancel={() => setState('idle')}
          onConfirm={typed => void start(typed)}
        />
      )}
    </li>
  )
}

function StepRun({
  runId,
  onGreen,
  onRetry,
}: {
  runId: string
  onGreen: (runId: string) => void
  onRetry: (() => void) | undefined
}) {
  const {view, trouble} = useView<RunDetail>(`/runs/${encodeURIComponent(runId)}`)
  const run = view?.data.run
  const isGreen = run?.outcome === 'succeeded' || run?.outcome === 'skipped'
  useEffect(() => {
    if (isGreen) onGreen(runId)
  }, [isGreen, runId])
  if (run === undefined) return <p class="muted">{trouble ?? 'Published, waiting for the function…'}</p>
  const isOver = run.durationMilliseconds !== null
  return (
    <p>
      <OutcomeLabel outcome={run.outcome} /> {run.durationMilliseconds !== null && duration(run.durationMilliseconds)}{' '}
      <a href={`#/runs/${encodeURIComponent(runId)}`}>{visible(runId, 200)}</a>
      <span class="text"> {visible(run.text, 1000)}</span>
      {isOver && !isGreen && onRetry !== undefined && (
        <button type="button" class="small" onClick={onRetry}>
          Run it again
        </button>
      )}
    </p>
  )
}
