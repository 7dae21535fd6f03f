import type {WriteStream} from 'node:tty'
import type {Counts} from '../lib/outcome.ts'
import type {RunProgress} from './run-progress.ts'
import {toWords} from './run-report.ts'

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

/** How far a run is, in one line that ends with the seconds since it was published. */
export function describeProgress(progress: RunProgress, seconds: number): string {
  const since = `${Math.floor(seconds)} s`
  switch (progress.state) {
    case 'waiting':
      return seconds < 30
        ? `published, waiting for the function, ${since}`
        : `nothing has started yet: is the function deployed and its subscription in place? ${since}`
    case 'running': {
      const part = progress.part > 1 ? `, part ${progress.part}` : ''
      return `running, attempt ${progress.attempt}${part}${describeCounts(progress.counts, seconds)}, ${since}`
    }
    case 'retrying':
      return `attempt ${progress.attempt} failed (${progress.reason.slice(0, 80)}), Pub/Sub tries again, ${since}`
    case 'continuing':
      return `going on with part ${progress.part}${describeCounts(progress.counts, seconds)}, ${since}`
    case 'over':
      return `over, ${since}`
  }
}

/** `done` of `total` as a bar with a rate and what is left; other counts by name. */
function describeCounts(counts: Counts, seconds: number): string {
  const {done, total, ...others} = counts
  const named = Object.entries(others).map(([name, count]) => `, ${count} ${toWords(name)}`)
  if (done === undefined || total === undefined || total === 0) return named.join('')
  const share = Math.min(1, done / total)
  const bar = '█'.repeat(Math.round(share * 20)).padEnd(20, '░')
  const rate = done / Math.max(1, seconds)
  const left = rate > 0 && done < total ? `, about ${Math.ceil((total - done) / rate)} s left` : ''
  return ` ${bar} ${done} of ${total}, ${rate.toFixed(1)}/s${left}${named.join('')}`
}
