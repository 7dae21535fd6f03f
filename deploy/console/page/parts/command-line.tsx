import {useState} from 'preact/hooks'
import {visible} from '../base/text.ts'

/** The command that does the same, to copy. */
export function CommandLine({command}: {command: string}) {
  const [isCopied, setIsCopied] = useState(false)
  const copy = () => {
    void navigator.clipboard?.writeText(command).then(() => setIsCopied(true))
  }
  return (
    <span class="command">
      <code>{visible(command, 1000)}</code>
      <button type="button" class="copy" title={visible(command, 200)} onClick={copy}>
        {isCopied ? 'copied' : 'copy'}
      </button>
    </span>
  )
}
