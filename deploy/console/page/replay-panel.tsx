import {useState} from 'preact/hooks'
import {ask} from './base/api.ts'
import {visible} from './base/text.ts'
import type {ActionResult, DeadLetterRow, Environment, ReplayPreview, ReplayVerdict} from './base/wire.ts'
import {CommandLine, CopyButton} from './parts/command-line.tsx'
import {ConfirmDialog} from './parts/confirm-dialog.tsx'
import {ReplayResult} from './parts/replay-result.tsx'

type State =
  | {readonly step: 'idle'}
  | {readonly step: 'busy'; readonly text: string}
  | {readonly step: 'previewed'; readonly preview: ReplayPreview; readonly isForced: boolean}
  | {readonly step: 'asking'; readonly preview: ReplayPreview; readonly isForced: boolean}
  | {readonly step: 'discarding'}
  | {readonly step: 'done'; readonly results: readonly ActionResult[]}

/** Replays what is ticked: first what each would come to, then just that. */
export function ReplayPanel(options: {
  readonly chosen: readonly DeadLetterRow[]
  readonly environment: Environment
  readonly onDone: () => void
  readonly onClear: () => void
}) {
  const {chosen, environment, onDone, onClear} = options
  const [state, setState] = useState<State>({step: 'idle'})
  const [trouble, setTrouble] = useState('')
  const [reason, setReason] = useState('')
  const ids = chosen.map(({id}) => id)
  // What was replayed leaves the list: the panel stays until its results were read.
  if (ids.length === 0 && state.step === 'idle') return null
  const attempt = async (text: string, work: () => Promise<State>) => {
    setTrouble('')
    setState({step: 'busy', text})
    try {
      setState(await work())
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error))
      setState({step: 'idle'})
    }
  }
  const close = () => {
    setState({step: 'idle'})
    onClear()
  }
  const preview = (isForced: boolean) =>
    attempt('Asking what a replay would do…', async () => ({
      step: 'previewed',
      preview: await ask<ReplayPreview>('/replays/preview', {ids, force: isForced}),
      isForced,
    }))
  const replay = (previewed: ReplayPreview, confirm: string) =>
    attempt('Replaying…', async () => {
      const results = await ask<ActionResult[]>('/replays', {preview: previewed.preview, confirm})
      onDone()
      return {step: 'done', results}
    })
  const discard = (confirm: string) =>
    attempt('Discarding…', async () => {
      const results = await ask<ActionResult[]>('/discards', {ids, reason, confirm})
      onDone()
      return {step: 'done', results}
    })
  const acts =
    state.step === 'previewed' || state.step === 'asking'
      ? state.preview.verdicts.filter(({verdict}) => verdict !== 'stays')
      : []
  const check = acts.find(({manualCheck}) => manualCheck !== null)?.manualCheck ?? undefined
  return (
    <section class="panel dock" aria-label="What to do with the chosen dead letters">
      {state.step !== 'done' && (
        <p>
          <strong>{ids.length} chosen.</strong>{' '}
          <button type="button" class="link" onClick={close}>
            Choose none
          </button>
        </p>
      )}
      {environment.readOnly && <p>This console is read-only.</p>}
      {state.step === 'busy' && <p role="status">{state.text}</p>}
      {trouble !== '' && (
        <p role="alert" class="bad">
          {visible(trouble, 1000)}
        </p>
      )}
      {state.step === 'idle' && chosen.some(({kind}) => kind === 'unknown outcome') && (
        <p>
          Whether it was done is unknown. Check that first: if it was done, discard it and give that as the reason;
          replay it only if it wasn't.
        </p>
      )}
      {state.step === 'idle' && !environment.readOnly && (
        <p class="actions">
          <button type="button" class="primary" onClick={() => void preview(false)}>
            Preview a replay
          </button>
          <label class="pick">
            Reason to discard
            <input value={reason} onInput={event => setReason(event.currentTarget.value)} />
          </label>
          <span class="pair">
            <button type="button" disabled={reason.trim() === ''} onClick={() => setState({step: 'discarding'})}>
              Discard
            </button>
            <CopyButton
              command={`npm run dead-letters -- ${environment.name} discard ${ids.join(' ')} --reason '${reason.replaceAll("'", "'\\''")}'`}
            />
          </span>
        </p>
      )}
      {(state.step === 'previewed' || state.step === 'asking') && (
        <>
          <Verdicts verdicts={state.preview.verdicts} />
          <p class="actions">
            <button
              type="button"
              class="primary"
              disabled={acts.length === 0}
              onClick={() =>
                environment.isProduction || check !== undefined
                  ? setState({...state, step: 'asking'})
                  : void replay(state.preview, '')
              }
            >
              {acts.length === 0
                ? 'Nothing to replay'
                : acts.length === 1
                  ? 'Replay it'
                  : `Replay these ${acts.length}`}
            </button>
            {!state.isForced && acts.length < state.preview.verdicts.length && (
              <button type="button" onClick={() => void preview(true)}>
                Preview with force
              </button>
            )}
            <button type="button" onClick={() => setState({step: 'idle'})}>
              Back
            </button>
          </p>
          <CommandLine
            command={`npm run replay -- ${environment.name} ${ids.join(' ')}${state.isForced ? ' --force' : ''}`}
          />
        </>
      )}
      {state.step === 'asking' && (
        <ConfirmDialog
          title={acts.length === 1 ? 'Replay it' : `Replay these ${acts.length}`}
          environment={environment}
          manualCheck={check}
          onCancel={() => setState({...state, step: 'previewed'})}
          onConfirm={typed => void replay(state.preview, typed)}
        />
      )}
      {state.step === 'discarding' && (
        <ConfirmDialog
          title={ids.length === 1 ? 'Discard it' : `Discard these ${ids.length}`}
          environment={environment}
          onCancel={() => setState({step: 'idle'})}
          onConfirm={typed => void discard(typed)}
        >
          <p>They are given up for good; their runs keep the reason.</p>
        </ConfirmDialog>
      )}
      {state.step === 'done' && (
        <>
          <ul class="results">
            {state.results.map(result => (
              <ReplayResult key={result.id} result={result} />
            ))}
          </ul>
          <button type="button" onClick={close}>
            Close
          </button>
        </>
      )}
    </section>
  )
}

const plurals = {goes: 'go', 'is cleared': 'are cleared', stays: 'stay'} as const

function Verdicts({verdicts}: {verdicts: readonly ReplayVerdict[]}) {
  const groups = Map.groupBy(verdicts, ({verdict}) => verdict)
  return (
    <>
      {(['goes', 'is cleared', 'stays'] as const).map(verdict => {
        const own = groups.get(verdict) ?? []
        if (own.length === 0) return null
        const reasons = [...Map.groupBy(own, ({why}) => why)]
        return (
          <details key={verdict} open={reasons.length <= 20}>
            <summary>
              <strong>{own.length === 1 ? `1 ${verdict}` : `${own.length} ${plurals[verdict]}`}</strong>
            </summary>
            <ul>
              {reasons.slice(0, 200).map(([why, alike]) => (
                <li key={why} class={/will fail again/.test(why) ? 'warn' : undefined}>
                  {visible(why, 1000)}
                  <span class="muted">
                    {' '}
                    {alike
                      .slice(0, 100)
                      .map(({id, runId}) => visible(runId ?? id, 200))
                      .join(', ')}
                  </span>
                </li>
              ))}
            </ul>
          </details>
        )
      })}
    </>
  )
}
