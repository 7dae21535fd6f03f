import timers from 'node:timers/promises'
import type {BigQuery} from '@google-cloud/bigquery'
import {ledgerDataset, ledgerLocation, ledgerTable} from '../../lib/ledger/ledger-table.ts'
import {cloudTimes} from './cloud-bigquery.ts'

const table = `\`${ledgerDataset}.${ledgerTable}\``
const count = `SELECT COUNT(*) AS \`row_count\` FROM ${table} WHERE \`job\` = @job AND \`run_id\` = @runId AND \`event\` = 'succeeded'`
const insert = `INSERT INTO ${table} (\`run_id\`, \`job\`, \`attempt\`, \`part\`, \`event\`, \`at\`, \`message_id\`, \`trigger\`, \`requested_by\`, \`args\`, \`version\`) VALUES (@runId, @job, 1, 1, @event, CURRENT_TIMESTAMP(), 'm-1', 'manual', 'bench', PARSE_JSON('{}'), '1.0.0')`
const pollMilliseconds = 2000

/**
 * What a run of no time cost in the first edition, with its statements one after the other (read, claim, outcome) and a
 * command that asked every two seconds: the baseline.
 *
 * @returns ms from publishing until the command knew.
 */
export async function runAsFirstEdition(bigQuery: BigQuery, runId: string): Promise<number> {
  const params = {job: 'bench', runId}
  const write = async (event: string) => {
    const [job] = await bigQuery.createQueryJob({
      query: insert,
      params: {...params, event},
      jobId: `${runId}-${event}`,
      location: ledgerLocation,
    })
    await job.getQueryResults({maxResults: 0})
  }
  const read = async () => {
    const [rows] = await bigQuery.query({query: count, params, location: ledgerLocation})
    return Number(rows[0]?.row_count) > 0
  }
  const deliver = async () => {
    await timers.setTimeout(cloudTimes.push)
    await read()
    await write('started')
    await write('succeeded')
  }
  const from = performance.now()
  const delivered = deliver()
  while (!(await read())) await timers.setTimeout(pollMilliseconds)
  const milliseconds = performance.now() - from
  await delivered
  return milliseconds
}
