import type {WriteStream} from 'node:tty'

export type LiveLine = {
  readonly show: (text: string) => void
  /** Ends the line, so that what is printed next stands alone. */
  readonly clear: () => void
}

/**
 * One line that is rewritten in place on a terminal; elsewhere (CI, a pipe) each new text is a line of its own.
 *
 * @param stream standard error, so that standard output holds the result alone.
 */
export function createLiveLine(stream: Pick<WriteStream, 'write' | 'isTTY' | 'columns'>): LiveLine {
  let last = ''
  return {
    show(text) {
      if (stream.isTTY) {
        const width = Math.max(20, (stream.columns ?? 80) - 1)
        stream.write(`\r\u001b[2K${text.slice(0, width)}`)
      } else if (text.replace(/\d+ s$/, '') !== last) {
        stream.write(`${text}\n`)
      }
      last = text.replace(/\d+ s$/, '')
    },
    clear() {
      if (stream.isTTY && last !== '') stream.write('\r\u001b[2K')
      last = ''
    },
  }
}
