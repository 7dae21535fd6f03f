import type {Log, LogData} from '../../lib/log/log.ts'

export type LogRecord = {
  readonly level: string
  readonly message: string
  readonly data: LogData
  readonly labels: Readonly<Record<string, string>>
  readonly error?: unknown
}

/** A log that keeps its lines, as `level: message`, and what belonged to each; children write to the same. */
export function createRecordingLog(): {readonly log: Log; readonly lines: string[]; readonly records: LogRecord[]} {
  const lines: string[] = []
  const records: LogRecord[] = []
  const withLabels = (labels: Readonly<Record<string, string>>): Log => {
    const keep = (record: Omit<LogRecord, 'labels'>) => {
      lines.push(`${record.level}: ${record.message}`)
      records.push({...record, labels})
    }
    const write =
      (level: string) =>
      (message: string, data: LogData = {}) =>
        keep({level, message, data})
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: (message, error, data = {}) => keep({level: 'error', message, data, error}),
      child: more => withLabels({...labels, ...more}),
    }
  }
  return {log: withLabels({}), lines, records}
}
