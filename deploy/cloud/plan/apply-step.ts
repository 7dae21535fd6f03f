import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {bigQueryErrorOf} from '../../../lib/bigquery/bigquery-error.ts'
import type {TargetEnvironment} from '../../catalogue/environments.ts'
import type {Gcloud} from '../gcloud/gcloud.ts'
import {GcloudError} from '../gcloud/gcloud-error.ts'
import type {LedgerTables} from '../resources/ledger-tables.ts'
import {type Command, configFile} from '../resources/resource.ts'
import {kinds} from '../resources/resource-types.ts'
import type {Step} from './plan.ts'
import {type Wait, whileBusy} from './retry.ts'

/** Makes what carries out the steps of one deployment: it learns addresses on the way, and hands them on. */
export function createApply(options: {
  readonly gcloud: Gcloud
  readonly ledger: LedgerTables
  /** Those known when the plan was made. */
  readonly addresses: ReadonlyMap<string, string>
  readonly target: Pick<TargetEnvironment, 'projectId'>
  readonly wait: Wait
  readonly random: () => number
}): (step: Step) => Promise<void> {
  const {gcloud, ledger} = options
  const {projectId} = options.target
  const addresses = new Map(options.addresses)
  return async step => {
    for (const command of step.commands(addresses)) {
      try {
        await whileBusy(() => run(command, {gcloud, ledger}), options)
      } catch (error) {
        // A try before, whose answer was lost, has made it.
        if (step.action !== 'change' && isThereAlready(error)) continue
        const fix = isAboutAbsent(error) ? kinds[step.resource.kind].fix?.(step.resource, projectId) : undefined
        throw fix === undefined ? error : new Error(fix, {cause: error})
      }
    }
    const {readHandle} = kinds[step.resource.kind]
    if (readHandle === undefined || step.action === 'remove' || addresses.has(step.id)) return
    addresses.set(step.id, await whileBusy(() => readHandle(step.resource, gcloud), options))
  }
}

function isThereAlready(error: unknown): boolean {
  if (error instanceof GcloudError) return error.kind === 'exists'
  return bigQueryErrorOf(error).reason === 'duplicate'
}

/** What a step needs is not there, and could not be seen when the plan was made. */
function isAboutAbsent(error: unknown): boolean {
  return bigQueryErrorOf(error).status === 404
}

async function run(command: Command, {gcloud, ledger}: {gcloud: Gcloud; ledger: LedgerTables}): Promise<void> {
  if ('ledger' in command) return ledger.apply(command.ledger)
  const {config} = command
  if (config === undefined) return void (await gcloud(command.gcloud))
  const folder = await mkdtemp(join(tmpdir(), 'deploy-'))
  try {
    const path = join(folder, 'config.json')
    await writeFile(path, config)
    await gcloud(command.gcloud.map(word => word.replace(configFile, path)))
  } finally {
    await rm(folder, {recursive: true})
  }
}
