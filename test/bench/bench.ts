import {Command} from '@commander-js/extra-typings'
import {runCommand} from '../../deploy/cli/command.ts'
import {exitCodes} from '../../deploy/cli/exit-codes.ts'
import {parseArgv} from '../../deploy/cli/parse-argv.ts'
import {UsageError} from '../../deploy/cli/usage-error.ts'
import {cloudRows} from './cloud-rows.ts'
import {commandRows} from './command-rows.ts'
import {functionRows} from './function-rows.ts'
import {migrateRow} from './migrate-row.ts'
import {pubSubRows} from './pubsub-rows.ts'
import {type Group, type Row, verdictOf} from './row.ts'
import {syncRows} from './sync-rows.ts'
import {describeMachine, formatTable} from './table.ts'
import {testRows} from './test-rows.ts'

/*
 * `npm run bench`: measures what is felt, each figure beside its baseline in the same run, and compares it with its goal.
 * It judges nothing by its exit code: a figure of a busy machine is no failure.
 */
const groups: readonly Group[] = [functionRows, cloudRows, syncRows, migrateRow, commandRows, pubSubRows, testRows]
/** Run only when they are named: they take as long as all the others. */
const onlyWhenNamed = [testRows]

await runCommand(async (argv, _io, signal) => {
  const command = new Command('npm run bench --')
    .description('Measures start-up, memory, throughput and commands, and compares them with their goals.')
    .option('--only <groups>', `some of ${groups.map(({name}) => name).join(', ')}; all but tests if absent`)
    .option('--runs <n>', 'counted runs of each figure', '9')
    .option('--json', 'print one JSON object on standard output and nothing else', false)
  const help = parseArgv(command, argv)
  if (help !== undefined) {
    process.stdout.write(help)
    return exitCodes.done
  }
  const {only, runs, json} = command.opts()
  if (!/^[1-9]\d{0,2}$/.test(runs)) throw new UsageError(`--runs ${runs}: it is a whole number from 1 to 999`)
  const rows: Row[] = []
  for (const group of chooseGroups(only)) {
    const tell = (line: string) => {
      signal.throwIfAborted()
      process.stderr.write(`${group.name}: ${line}\n`)
    }
    try {
      rows.push(...(await group.measure({runs: Number(runs), tell})))
    } catch (error) {
      // Ctrl-C reaches what is being measured as well: whatever that says then is no failure.
      if (!signal.aborted) throw error
      process.stderr.write('Interrupted.\n')
      return exitCodes.interrupted
    }
  }
  const machine = describeMachine(new Date())
  process.stdout.write(
    json
      ? `${JSON.stringify({machine, rows: rows.map(row => ({...row, verdict: verdictOf(row)}))})}\n`
      : `${machine}\n\n${formatTable(rows)}\n`,
  )
  return exitCodes.done
})

/** @throws UsageError for a name that is none. */
function chooseGroups(only: string | undefined): readonly Group[] {
  if (only === undefined) return groups.filter(group => !onlyWhenNamed.includes(group))
  return only.split(',').map(name => {
    const found = groups.find(group => group.name === name)
    if (found === undefined) {
      throw new UsageError(`there is no group "${name}": ${groups.map(group => group.name).join(', ')}`)
    }
    return found
  })
}
