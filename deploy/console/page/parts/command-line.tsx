import {useState} from 'preact/hooks'
import {visible} from '../base/text.ts'

/** The command that does the same, to copy. */
export function CommandLine({command}: {command: string}) {
  return (
    <span class="command">
      <code>{visible(command, 1000)}</code>
      <CopyButton command={command} label="copy" />
    </span>
  )
}

/** Copies a command that is shown, or that its tooltip shows. */
export function CopyButton({command, label}: {command: string; label?: string}) {
  const [isCopied, setIsCopied] = useState(false)
  const copy = () => {
    void navigator.clipboard?.writeText(command).then(() => setIsCopied(true))
  }
  const about = `Copy: ${visible(command, 300)}`
  return (
    <button
      type="button"
      class="copy"
      title={about}
      aria-label={label === undefined ? about : undefined}
      onClick={copy}
    >
      {isCopied ? '✔' : (label ?? <CopyIcon />)}
    </button>
  )
}

function CopyIcon() {
  return (
    <svg class="icon" width={12} height={12} viewBox="0 0 12 12" aria-hidden="true">
      <rect x={4} y={4} width={7} height={7} rx={1.5} />
      <path d="M8 1.5H2.5a1 1 0 0 0-1 1V8" />
    </svg>
  )
}
