import {readFile} from 'node:fs/promises'
import {Command} from '@commander-js/extra-typings'
import {runCommand} from '../../deploy/cli/command.ts'
import {exitCodes} from '../../deploy/cli/exit-codes.ts'
import {parseArgv} from '../../deploy/cli/parse-argv.ts'
import {UsageError} from '../../deploy/cli/usage-error.ts'
import {compareWithTable, describeComparison} from './against.ts'
import {cloudRows} from './cloud-rows.ts'
import {commandRows} from './command-rows.ts'
import {functionRows} from './function-rows.ts'
import {growthRows} from './growth-rows.ts'
import {migrateRow} from './migrate-row.ts'
import {pubSubRows} from './pubsub-rows.ts'
import {type Group, isMet, type Row, verdictOf} from './row.ts'
import {syncRows} from './sync-rows.ts'
import {describeMachine, formatTable} from './table.ts'
import {testRows} from './test-rows.ts'

/*
 * `npm run bench`: measures what is felt, each figure beside its baseline in the same run, and compares it with its goal.
 * It judges nothing by its exit code: a figure of a busy machine is no failure.
 */
const groups: readonly Group[] = [
  functionRows,
  cloudRows,
  syncRows,
  migrateRow,
  commandRows,
  growthRows,
  pubSubRows,
  testRows,
]
/** Run only when they are named: they take as long as all the others. */
const onlyWhenNamed = [testRows]

await runCommand(async (argv, _io, signal) => {
  const command = new Command('npm run bench --')
    .description('Measures start-up, memory, throughput and commands, and compares them with their goals.')
    .option('--only <groups>', `some of ${groups.map(({name}) => name).join(', ')}; all but tests if absent`)
    .option('--runs <n>', 'counted runs of each figure', '9')
    .option('--against <file>', 'a file with a table of this bench: says which verdicts have changed since')
    .option('--json', 'print one JSON object on standard output and nothing else')
  const help = parseArgv(command, argv)
  if (help !== undefined) {
    process.stdout.write(help)
    return exitCodes.done
  }
  const {only, runs, against, json} = command.opts()
  if (!/^[1-9]\d{0,2}$/.test(runs)) throw new UsageError(`--runs ${runs}: it is a whole number from 1 to 999`)
  const saved = against === undefined ? undefined : await readSaved(against)
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
  const comparisons = saved === undefined ? undefined : compareWithTable(rows, saved)
  if (json) {
    const judged = rows.map(row => ({...row, met: isMet(row), verdict: verdictOf(row)}))
    process.stdout.write(`${JSON.stringify({machine, rows: judged, against: comparisons ?? null})}\n`)
    return exitCodes.done
  }
  process.stdout.write(`${machine}\n\n${formatTable(rows)}\n`)
  if (comparisons !== undefined) process.stdout.write(`\n${describeComparison(comparisons, String(against))}\n`)
  return exitCodes.done
})

/** @throws UsageError if the file can't be read. */
async function readSaved(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new UsageError(`--against ${file}: it can't be read`, {cause})
  }
}

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
