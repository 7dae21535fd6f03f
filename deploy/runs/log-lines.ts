import {readFile} from 'node:fs/promises'
import * as z from 'zod'
import type {RunLedger} from '../../lib/ledger/run-ledger.ts'
import {toPrintable} from '../../lib/log/printable.ts'
import {jobOfRunId} from '../../lib/run/run-id.ts'
import type {Gcloud} from '../cloud/gcloud/gcloud.ts'
import {readJson} from '../cloud/gcloud/read-json.ts'

/** A run's log lines so far, oldest first; an id tells one from another. */
export type RunLogs = (runId: string) => Promise<readonly {readonly id: string; readonly text: string}[]>

/** More is for the Logs Explorer. */
const maxLines = 5000

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

/** From Cloud Logging, with the operator's own gcloud. */
export function createCloudLogs(gcloud: Gcloud): RunLogs {
  return async runId => {
    const filter = `labels.runId=${JSON.stringify(runId)}`
    const args = ['logging', 'read', filter, '--order=asc', `--limit=${maxLines}`, '--freshness=400d']
    const entries = await readJson(gcloud, entriesSchema, args)
    return entries.map(({insertId, timestamp, severity, jsonPayload, textPayload}) => ({
      id: insertId,
      text: `${timestamp.slice(0, 23)}Z ${severity.padEnd(7)} ${toPrintable(jsonPayload?.message ?? textPayload ?? '')}`,
    }))
  }
}

/**
 * From the file that a sandbox of one command writes. Its lines have the time and the job, so those of the run's job
 * between its first and last entry are the run's.
 *
 * @param path what is no file (the terminal of `npm run local`) has no lines.
 */
export function createLocalLogs(path: string, {ledger}: {readonly ledger: Pick<RunLedger, 'history'>}): RunLogs {
  return async runId => {
    const history = await ledger.history(runId)
    const [first] = history
    const last = history.at(-1)
    const text = await readFile(path, 'utf8').catch(() => undefined)
    if (text === undefined || first === undefined || last === undefined) return []
    const job = jobOfRunId(runId) ?? ''
    // The lines have no date: a run's own are the last ones of its time of day.
    const from = first.at.toISOString().slice(11, 23)
    const to = new Date(last.at.getTime() + 1000).toISOString().slice(11, 23)
    return text.split('\n').flatMap((line, index) => {
      const time = line.slice(0, 12)
      const isOwn = line.includes(` ${job} `) || line.includes(` ${job} #`)
      return isOwn && time >= from && time <= to ? [{id: String(index), text: toPrintable(line)}] : []
    })
  }
}
