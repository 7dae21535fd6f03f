import {bigQueryErrorOf} from '../../../lib/bigquery/bigquery-error.ts'
import type {Gcloud} from '../gcloud/gcloud.ts'
import {GcloudError} from '../gcloud/gcloud-error.ts'
import type {LedgerTables} from '../resources/ledger-tables.ts'
import {typeNamed} from '../resources/resource-types.ts'
import {createMade} from './made.ts'
import type {Plan, Step} from './plan.ts'
import {type Wait, whileBusy} from './retry.ts'
import {runCommand} from './run-command.ts'

/** Applies the steps of one deployment: it learns on the way what was made and how Google calls it. */
export function createApply(
  plan: Plan,
  options: {
    readonly gcloud: Gcloud
    readonly ledger: LedgerTables
    readonly wait: Wait
    readonly random: () => number
    readonly now: () => Date
    /** Gets what a step waits for, in words; undefined: it goes on. */
    readonly onWait: (step: Step, reason: string | undefined) => void
  },
): (step: Step) => Promise<void> {
  const {gcloud, ledger, now, onWait} = options
  const addresses = new Map(plan.addresses)
  const made = createMade(plan)
  return async step => {
    const patiently = <T>(act: () => Promise<T>) =>
      whileBusy(act, {...options, isMade: made.mentions, onWait: reason => onWait(step, reason)})
    for (const command of step.commands) {
      try {
        await patiently(() => runCommand(command, {gcloud, ledger, addresses, now}))
      } catch (error) {
        // An earlier try, whose answer was lost, has created it.
        if (step.action !== 'change' && isThereAlready(error)) continue
        if (step.fix === undefined || !isAboutAbsent(error)) throw error
        throw new Error(step.fix, {cause: error})
      }
    }
    made.add(step)
    const {readAddress} = typeNamed(step.type)
    if (readAddress === undefined || step.action === 'remove' || addresses.has(step.id)) return
    addresses.set(step.id, await patiently(() => readAddress(step.name, gcloud)))
  }
}

function isThereAlready(error: unknown): boolean {
  if (error instanceof GcloudError) return error.kind === 'exists'
  return bigQueryErrorOf(error).reason === 'duplicate'
}

/** What a step needs doesn't exist, and that could not be seen when the plan was made. */
function isAboutAbsent(error: unknown): boolean {
  return bigQueryErrorOf(error).status === 404
}
