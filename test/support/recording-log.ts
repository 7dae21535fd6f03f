import type {Log} from '../../lib/log.ts'

/** A log that keeps its lines, as `level: message`; children write to the same. */
export function createRecordingLog(): {readonly log: Log; readonly lines: string[]} {
  const lines: string[] = []
  const write = (level: string) => (message: string) => void lines.push(`${level}: ${message}`)
  const log: Log = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => log,
  }
  return {log, lines}
}
