import {useState} from 'preact/hooks'
import {ask} from '../base/api.ts'
import type {Environment} from '../base/wire.ts'
import {CopyButton} from './command-line.tsx'
import {ConfirmDialog} from './confirm-dialog.tsx'

/** One action, once: while it runs the button is off, and in production the environment's name is typed first. */
export function ActionButton(options: {
  readonly label: string
  readonly path: string
  readonly body?: Readonly<Record<string, unknown>>
  /** What does the same in a terminal; undefined: nothing does. */
  readonly command?: string
  readonly environment: Environment
  readonly onDone: (answer: unknown) => void
}) {
  const {label, path, body = {}, command, environment, onDone} = options
  const [state, setState] = useState<'idle' | 'asking' | 'busy'>('idle')
  const [trouble, setTrouble] = useState('')
  const act = async (confirm: string) => {
    if (state === 'busy') return
    setState('busy')
    setTrouble('')
    try {
      onDone(await ask(path, {...body, confirm}))
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error))
    } finally {
      setState('idle')
    }
  }
  if (environment.readOnly) return null
  return (
    <>
      <span class="pair">
        <button
          type="button"
          class="small"
          disabled={state === 'busy'}
          onClick={() => (environment.isProduction ? setState('asking') : void act(''))}
        >
          {state === 'busy' ? `${label}…` : label}
        </button>
        {command !== undefined && <CopyButton command={command} />}
      </span>
      {trouble !== '' && <span role="alert">{trouble}</span>}
      {state === 'asking' && (
        <ConfirmDialog title={label} environment={environment} onCancel={() => setState('idle')} onConfirm={act} />
      )}
    </>
  )
}
