import type {WriteStream} from 'node:tty'
import {wrapText} from './table.ts'

export type LiveLine = {
  /** @param state what the text is about: elsewhere than on a terminal each state is printed once. @default the text */
  readonly show: (text: string, state?: string) => void
  /** Ends the line, so that what is printed next stands alone. */
  readonly clear: () => void
}

/**
 * A text that is rewritten in place on a terminal, on as many lines as it needs; elsewhere (CI, a pipe) a line for each
 * state, not for each second.
 *
 * @param stream standard error, so that standard output holds the result alone.
 */
export function createLiveLine(stream: Pick<WriteStream, 'write' | 'isTTY' | 'columns'>): LiveLine {
  let lastState = ''
  let shownLines = 0

  function erase(): void {
    if (shownLines > 0) stream.write(`\r${shownLines > 1 ? `\u001b[${shownLines - 1}A` : ''}\u001b[J`)
    shownLines = 0
  }

  return {
    show(text, state = text) {
      if (stream.isTTY) {
        const lines = wrapText(text, Math.max(20, (stream.columns || 80) - 1))
        erase()
        stream.write(lines.join('\n'))
        shownLines = lines.length
      } else if (state !== lastState) {
        stream.write(`${text}\n`)
      }
      lastState = state
    },
    clear() {
      erase()
      lastState = ''
    },
  }
}
