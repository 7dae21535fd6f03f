import * as z from 'zod'
import {toPrintable} from '../../lib/log/printable.ts'
import type {Gcloud} from '../cloud/gcloud/gcloud.ts'
import {readJson} from '../cloud/gcloud/read-json.ts'
import type {Session} from '../environment/session.ts'
import {readLogFile} from '../local/log-file.ts'
import {linesOfRun} from '../local/log-line.ts'

export type LogLine = {
  readonly id: string
  readonly text: string
  /** Absent for a sandbox's lines, which are always read from the start. */
  readonly at?: Date
}

/**
 * A run's log lines so far, oldest first; where there are more than `maxLogLines` in Cloud Logging, the latest.
 *
 * @param since leaves out what was written before; a sandbox's lines are always all there.
 */
export type RunLogs = (runId: string, since?: Date) => Promise<readonly LogLine[]>

/** More is for the Logs Explorer. */
export const maxLogLines = 5000

// Source: Cloud Logging REST reference, LogEntry; the run id is a label of every line of a run.
const entriesSchema = z.array(
  z.object({
    insertId: z.string(),
    timestamp: z.string(),
    severity: z.string().default('DEFAULT'),
    jsonPayload: z.looseObject({message: z.string().default('')}).optional(),
    textPayload: z.string().optional(),
  }),
)

/** The log lines of an environment's runs. */
export async function connectLogs({
  environment,
  logFile,
  io,
  signal,
}: Pick<Session, 'environment' | 'logFile' | 'io' | 'signal'>): Promise<RunLogs> {
  if (environment.name === 'local') return logFile === undefined ? async () => [] : createLocalLogs(logFile)
  const {createGcloud} = await import('../cloud/gcloud/gcloud.ts')
  return createCloudLogs(createGcloud({env: {...io.env}, projectId: environment.projectId, signal}))
}

/** From Cloud Logging, with the operator's own gcloud. */
export function createCloudLogs(gcloud: Gcloud): RunLogs {
  return async (runId, since) => {
    const ofRun = `labels.runId=${JSON.stringify(runId)}`
    const filter = since === undefined ? ofRun : `${ofRun} AND timestamp>="${since.toISOString()}"`
    // gcloud adds its own limit of a day to a filter without a timestamp, in descending order.
    const freshness = since === undefined ? ['--freshness=400d'] : []
    // The limit keeps what comes first.
    const args = ['logging', 'read', filter, '--order=desc', `--limit=${maxLogLines}`, ...freshness]
    const entries = await readJson(gcloud, entriesSchema, args)
    return entries.toReversed().map(({insertId, timestamp, severity, jsonPayload, textPayload}) => ({
      id: insertId,
      at: new Date(timestamp),
      text: `${timestamp.slice(0, 23)}Z ${severity.padEnd(7)} ${toPrintable(jsonPayload?.message ?? textPayload ?? '')}`,
    }))
  }
}

/** From a sandbox's file of what its functions printed. */
export function createLocalLogs(path: string): RunLogs {
  return async runId => {
    const seen = new Map<string, number>()
    return linesOfRun(await readLogFile(path), runId).map(line => {
      const text = toPrintable(line)
      // Line numbers change when the older file is dropped.
      const count = (seen.get(text) ?? 0) + 1
      seen.set(text, count)
      return {id: `${text} ${count}`, text}
    })
  }
}
