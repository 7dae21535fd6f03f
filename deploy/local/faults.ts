import {Command} from '@commander-js/extra-typings'
import {loadCatalogue} from '../catalogue/catalogue.ts'
import {parseEnvironmentName} from '../catalogue/environments.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {parseArgv} from '../cli/parse-argv.ts'
import {formatTable} from '../cli/table.ts'
import {UsageError} from '../cli/usage-error.ts'
import {createControlClient} from './control/client.ts'
import {faultHelp, parseFaultSpec} from './control/fault-spec.ts'
import {faultsSchema, type SandboxFault} from './control/protocol.ts'
import {requireRunningSandbox} from './require-running-sandbox.ts'

const actions = ['add', 'list', 'clear'] as const

/** `npm run faults`: what goes wrong next in the sandbox that is running. */
export async function runFaults(argv: readonly string[], {stdout, env}: CommandIo): Promise<ExitCode> {
  const command = new Command('npm run faults --')
    .description('Injects faults into the running sandbox, to see how jobs fail and recover; lists or clears them.')
    .argument('<env>', 'local: nothing is injected anywhere else')
    .argument('<action>', actions.join(', '))
    .argument('[fault...]', 'for add')
    .option('--json', 'print one JSON object to standard output and nothing else')
    .addHelpText('after', `\n${faultHelp}\n`)
  const help = parseArgv(command, argv)
  if (help !== undefined) {
    stdout(help)
    return exitCodes.done
  }
  const [environment = '', action = '', ...texts] = command.args
  if (parseEnvironmentName(environment, env).name !== 'local') {
    throw new UsageError(`faults are injected into the sandbox only: npm run faults -- local ${action}`)
  }
  if (!actions.some(known => known === action)) {
    throw new UsageError(`there is no ${JSON.stringify(action)} of faults: ${actions.join(', ')}`)
  }
  if ((action === 'add') !== texts.length > 0) {
    throw new UsageError(action === 'add' ? `${faultHelp}\n\nadd which fault?` : `${action} takes no fault`)
  }
  const jobs = await loadCatalogue()
  const faults = texts.map(text => parseFaultSpec(text, jobs).text)
  const control = createControlClient(await requireRunningSandbox(env))
  for (const fault of faults) await control.post('faults', {fault})
  if (action === 'clear') await control.delete('faults')
  const pending = await control.get('faults', faultsSchema)
  stdout(command.opts().json === true ? JSON.stringify({faults: pending}) : formatFaults(pending))
  return exitCodes.done
}

function formatFaults(faults: readonly SandboxFault[]): string {
  if (faults.length === 0) return 'No fault is waiting: everything works.'
  const rows = faults.map(({fault, left}) => [fault, left === null ? 'until cleared' : `${left} more`])
  return formatTable(['FAULT', 'REQUESTS'], rows)
}
