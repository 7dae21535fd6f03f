import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Gcloud} from '../gcloud/gcloud.ts'
import {describeDeployedSince} from '../names/deployed-since.ts'
import type {Argument, Command, Configuration} from '../resources/command.ts'
import type {LedgerTables} from '../resources/ledger-tables.ts'
import {type Reference, resolveReference} from '../resources/reference.ts'

/** Runs one command of a plan, with what is known by now put into its arguments. */
export async function runCommand(
  command: Command,
  context: {
    readonly gcloud: Gcloud
    readonly ledger: LedgerTables
    readonly addresses: ReadonlyMap<string, string>
    readonly now: () => Date
  },
): Promise<void> {
  const {gcloud, ledger, addresses, now} = context
  if ('ledger' in command) return ledger.apply(command.ledger)
  let folder: string | undefined
  const toWord = async (argument: Argument): Promise<string> => {
    if (typeof argument === 'string') return argument
    const flag = `--${argument.flag}=`
    if ('value' in argument) return flag + resolveReference(argument.value, addresses)
    if ('deployedSince' in argument) return flag + describeDeployedSince(now())
    if ('json' in argument) return flag + toJson(argument.json, addresses)
    folder ??= await mkdtemp(join(tmpdir(), 'deploy-'))
    const path = join(folder, `${argument.flag}.json`)
    await writeFile(path, toJson(argument.file, addresses))
    return flag + path
  }
  try {
    const args: string[] = []
    for (const argument of command.gcloud) args.push(await toWord(argument))
    await gcloud(args)
  } finally {
    if (folder !== undefined) await rm(folder, {recursive: true})
  }
}

function toJson(config: Configuration, addresses: ReadonlyMap<string, string>): string {
  const {notificationChannels} = config
  if (notificationChannels === undefined) return JSON.stringify(config)
  const resolved = notificationChannels.map((channel: Reference) => resolveReference(channel, addresses))
  return JSON.stringify({...config, notificationChannels: resolved})
}
