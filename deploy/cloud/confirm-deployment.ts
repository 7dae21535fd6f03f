import type {CommandIo} from '../cli/command-io.ts'
import {ask, confirm} from '../cli/confirm.ts'
import {UsageError} from '../cli/usage-error.ts'
import type {DeployOptions} from './deploy-options.ts'

/**
 * Asks whether to apply a plan. A host that would get the root key for the first time is confirmed by its name, which
 * `--yes` doesn't say.
 *
 * @returns false for a refusal.
 * @throws UsageError without a terminal and without an answer.
 */
export async function confirmDeployment(
  {isConfirmed, apiHost}: Pick<DeployOptions, 'isConfirmed' | 'apiHost'>,
  context: {
    readonly io: Pick<CommandIo, 'stdin' | 'terminal'>
    readonly signal: AbortSignal
    /** `stage (cloudact-testing-1)`. */
    readonly place: string
    readonly newHost: string | undefined
  },
): Promise<boolean> {
  const {io, signal, place, newHost} = context
  const terminal = {input: io.stdin, output: io.terminal, isTerminal: io.stdin.isTTY === true, signal}
  if (newHost !== undefined && apiHost !== newHost) {
    if (apiHost !== undefined) throw new UsageError(`--api-host is ${apiHost}, but API_SERVICE_URL leads to ${newHost}`)
    if (isConfirmed && !terminal.isTerminal) {
      throw new UsageError(`the root key would go to another host than now: confirm it by --api-host ${newHost}`)
    }
    const question = `The root key would go to another host than now. Type its name, ${newHost}, to go on: `
    const hint = `add --api-host ${newHost}, or pipe the name in`
    if ((await ask(question, {...terminal, hint})) !== newHost) return false
    // Who typed the host in full has agreed to the plan that was shown with it.
    return true
  }
  return isConfirmed || confirm(`Do this in ${place}?`, terminal)
}
