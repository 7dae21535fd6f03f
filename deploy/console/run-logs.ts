import {toMessageText} from '../../lib/log/error-text.ts'
import {toPrintable} from '../../lib/log/printable.ts'
import type {Session} from '../environment/session.ts'
import {connectLogs, type RunLogs} from '../runs/log-lines.ts'
import {whereToLook} from '../runs/logs.ts'
import type {RunLogView} from './page/base/wire-views.ts'

/** The latest of them; `npm run logs` prints more. */
const maxLines = 1000
const maxLength = 2000

type LogSession = Pick<Session, 'environment' | 'logFile' | 'logHint' | 'io' | 'signal' | 'now'>
type Read = {readonly startedAt: number; readonly entries: number; readonly view: Promise<RunLogView>}

/**
 * A run's log lines, as `npm run logs` finds them. Tabs that ask for the same run share an answer: in the cloud each is a
 * process of gcloud and a request to Cloud Logging.
 *
 * @param connect stands for what reads them.
 * @returns a function that takes how many entries of the run are known. An answer from before the latest of them isn't
 *   served: the lines before a run's end would be missing. Entries are counted since clocks differ.
 */
export function createRunLogs(
  session: LogSession,
  freshMilliseconds: number,
  connect: (session: LogSession) => Promise<RunLogs> = connectLogs,
): (runId: string, entries: number) => Promise<RunLogView> {
  const reads = new Map<string, Read>()

  async function read(runId: string): Promise<RunLogView> {
    try {
      const logs = await connect(session)
      const all = await logs(runId)
      const lines = all.slice(-maxLines).map(({id, text}) => ({id, text: toPrintable(text, maxLength)}))
      const missing = all.length === 0 ? `No log lines of this run. ${whereToLook(session, runId)}` : null
      return {lines, leftOut: all.length - lines.length, missing}
    } catch (error) {
      return {lines: [], leftOut: 0, missing: `The log lines can't be read: ${toPrintable(toMessageText(error), 4000)}`}
    }
  }

  return (runId, entries) => {
    const now = session.now().getTime()
    for (const [id, {startedAt}] of reads) if (now - startedAt >= freshMilliseconds) reads.delete(id)
    const known = reads.get(runId)
    if (known !== undefined && known.entries >= entries) return known.view
    const view = read(runId)
    reads.set(runId, {startedAt: now, entries, view})
    return view
  }
}
