import {rm} from 'node:fs/promises'
import {relative} from 'node:path'
import {styleText} from 'node:util'
import {Command, CommanderError} from 'commander'
import {loadCatalogue} from './catalogue.ts'
import {runCommand} from './command.ts'
import {sandboxFolder} from './connect.ts'
import {exitCodes} from './exit-codes.ts'
import {startSandbox} from './local/sandbox.ts'
import {findRunningSandbox} from './local/sandbox-file.ts'
import {alignRows} from './run-report.ts'
import {UsageError} from './usage-error.ts'

const print = (text: string) => void process.stdout.write(`${text}\n`)

/** `npm run local`: keeps the sandbox up in the foreground until Ctrl-C. */
await runCommand(async (argv, signal) => {
  const options = parseOptions(argv)
  if (options === undefined) return exitCodes.done
  const running = await findRunningSandbox(sandboxFolder)
  if (running !== undefined) {
    throw new UsageError(
      `a sandbox is running already (process ${running.pid}, since ${running.startedAt}): use it, or end it with Ctrl-C where it runs`,
    )
  }
  if (options.reset) {
    await rm(sandboxFolder, {recursive: true, force: true})
    print(`Emptied ${relative(process.cwd(), sandboxFolder) || '.'}: the next start is the first.`)
    return exitCodes.done
  }
  const jobs = await loadCatalogue()
  const sandbox = await startSandbox({folder: sandboxFolder, jobs, onLine: print, functionEnv: options.env})
  const {pubSubHost, bigQueryUrl, adminApiUrl, supabaseUrl} = sandbox.addresses
  print(styleText('bold', 'The sandbox is up. Nothing leaves this machine.'))
  print(
    alignRows([
      ['Pub/Sub', `${pubSubHost} (PUBSUB_EMULATOR_HOST=${pubSubHost})`],
      ['BigQuery', bigQueryUrl],
      ['admin API', adminApiUrl],
      ['Supabase', supabaseUrl],
    ]).join('\n'),
  )
  print(
    `\nIn another terminal: ${styleText('cyan', 'npm run publish -- bootstrap local')}\nCtrl-C ends it; its state stays.\n`,
  )
  await new Promise(resolve => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', resolve, {once: true})
  })
  print('\nStopping…')
  await sandbox.stop()
  return exitCodes.done
})

function parseOptions(argv: string[]): {reset: boolean; env: Record<string, string>} | undefined {
  const command = new Command('npm run local --')
    .description('Keeps the sandbox up: Pub/Sub, the admin API, BigQuery, Supabase and all functions, on this machine.')
    .option('--reset', 'empty the sandbox and end', false)
    .option(
      '--env <NAME=value>',
      'a variable of the functions, for example DAYS_TO_KEEP=30; may be repeated',
      collect,
      {},
    )
    .allowExcessArguments(false)
    .configureOutput({writeErr: () => {}})
    .exitOverride()
  try {
    return command.parse(argv, {from: 'user'}).opts<{reset: boolean; env: Record<string, string>}>()
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') return undefined
    throw new UsageError(`${error.message.replace(/^error: /, '')}\n\n${command.helpInformation()}`)
  }
}

function collect(pair: string, known: Record<string, string>): Record<string, string> {
  const at = pair.indexOf('=')
  if (at < 1) throw new UsageError(`--env ${JSON.stringify(pair)} has no value: write --env NAME=value`)
  return {...known, [pair.slice(0, at)]: pair.slice(at + 1)}
}
