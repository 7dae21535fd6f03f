import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import {createRunLedger} from '../../lib/ledger/run-ledger.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import {createControlClient} from '../local/control/client.ts'
import {functionsSchema, type SandboxFault} from '../local/control/protocol.ts'
import {withCaller} from '../local/emulator/exchange.ts'
import type {SandboxAddresses} from '../local/sandbox-file.ts'
import type {CheckResult} from './check-result.ts'
import {withFaultFix} from './fault-checks.ts'

const what = 'run ledger'
const variable = 'BIGQUERY_EMULATOR_HOST'

/** Whether the run ledger answers as the functions ask it: the sandbox's faults meet them, and no command. */
export async function checkLedger(
  sandbox: SandboxAddresses,
  faults: readonly SandboxFault[],
  projectId: string,
): Promise<CheckResult> {
  const {given} = await createControlClient(sandbox).get('functions', functionsSchema)
  if (given.includes(variable)) {
    return {what, state: 'unknown', detail: `not checked: the functions have their own ${variable}, by --env`}
  }
  const ledger = createRunLedger(createBigQuery({projectId, url: withCaller(sandbox.bigQueryUrl, 'doctor')}))
  try {
    await ledger.since(new Date())
    return {what, state: 'ok', detail: 'answers'}
  } catch (error) {
    const detail = toPrintableLine(`the functions can't use it: ${toMessageText(error)}`, 300)
    return withFaultFix({what, state: 'wrong', detail, fix: 'end the sandbox and start it again'}, faults, 'ledger')
  }
}
