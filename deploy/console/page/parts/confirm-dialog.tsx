import type {ComponentChildren} from 'preact'
import {useEffect, useRef, useState} from 'preact/hooks'
import type {Environment} from '../base/wire.ts'

/**
 * Asks before something is done: in production the environment's name is typed, and a check that the operator must make is
 * ticked.
 */
export function ConfirmDialog(options: {
  readonly title: string
  readonly environment: Environment
  /** What the operator must have checked first. */
  readonly manualCheck?: string | undefined
  readonly children?: ComponentChildren
  readonly onCancel: () => void
  readonly onConfirm: (typed: string) => void
}) {
  const {title, environment, manualCheck, onCancel, onConfirm} = options
  const dialog = useRef<HTMLDialogElement>(null)
  const [typed, setTyped] = useState('')
  const [isChecked, setIsChecked] = useState(false)
  const [isSent, setIsSent] = useState(false)
  useEffect(() => dialog.current?.showModal(), [])
  const isReady = (!environment.isProduction || typed === environment.name) && (manualCheck === undefined || isChecked)
  const confirm = () => {
    if (!isReady || isSent) return
    setIsSent(true)
    onConfirm(typed)
  }
  return (
    <dialog ref={dialog} aria-labelledby="confirm-title" onCancel={onCancel}>
      <form
        method="dialog"
        onSubmit={event => {
          event.preventDefault()
          confirm()
        }}
      >
        <h2 id="confirm-title">{title}</h2>
        {options.children}
        {manualCheck !== undefined && (
          <label class="check asked">
            <input type="checkbox" checked={isChecked} onChange={event => setIsChecked(event.currentTarget.checked)} />
            <span>
              <strong>I have checked:</strong> {manualCheck}
            </span>
          </label>
        )}
        {environment.isProduction && (
          <label class="asked">
            Type <strong>{environment.name}</strong> to do this in {environment.projectId}
            <input value={typed} autocomplete="off" onInput={event => setTyped(event.currentTarget.value)} />
          </label>
        )}
        <p class="actions">
          <button type="submit" class="primary" disabled={!isReady || isSent}>
            {title}
          </button>
          <button type="button" onClick={onCancel}>
            Cancel
          </button>
        </p>
      </form>
    </dialog>
  )
}
