import {Command} from '@commander-js/extra-typings'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {parseArgv} from '../cli/parse-argv.ts'
import {formatTable, shorten} from '../cli/table.ts'
import {UsageError} from '../cli/usage-error.ts'
import {type ControlClient, createControlClient} from './control/client.ts'
import {
  notificationsSchema,
  organizationsSchema,
  requestsSchema,
  type SandboxRequest,
  tablesSchema,
} from './control/protocol.ts'
import {requireRunningSandbox} from './require-running-sandbox.ts'

type Shown = {readonly json: object; readonly cells: readonly string[]}

type View = {
  readonly summary: string
  readonly heading: readonly string[]
  /** The column that is cut where the terminal is too narrow for all. */
  readonly flexible: string
  /** Said where there is nothing to show. */
  readonly none: string
  readonly load: (control: ControlClient, options: {readonly all: boolean}) => Promise<readonly Shown[]>
}

function defineView<Entry extends object>({
  load,
  toRow,
  ...view
}: Omit<View, 'load'> & {
  readonly load: (control: ControlClient, options: {readonly all: boolean}) => Promise<readonly Entry[]>
  readonly toRow: (entry: Entry) => readonly string[]
}): View {
  return {
    ...view,
    load: async (control, options) => (await load(control, options)).map(entry => ({json: entry, cells: toRow(entry)})),
  }
}

const views: Readonly<Record<string, View>> = {
  requests: defineView({
    summary:
      'what the functions asked of the admin API, the ledger and Supabase, and what they got (--all: other clients too)',
    load: async (control, {all}) =>
      (await control.get('requests', requestsSchema)).filter(({caller}) => all || caller !== undefined),
    heading: ['TIME', 'FROM', 'TO', 'REQUEST', 'ANSWER'],
    flexible: 'REQUEST',
    toRow: ({at, caller = '-', service, method, path, ...outcome}) => {
      const from = caller.replace(/^cloudact-/, '')
      return [at.slice(11, 19), from, service, `${method} ${shortPath(path)}`, describeAnswer(outcome)]
    },
    none: 'No function has asked for anything yet.',
  }),
  notifications: defineView({
    summary: 'the alerts that were sent to organizations',
    load: control => control.get('notifications', notificationsSchema),
    heading: ['TIME', 'ORGANIZATION', 'ALERT', 'REQUEST ID'],
    flexible: 'ORGANIZATION',
    toRow: ({at, orgSlug, alertType, requestId = ''}) => [at.slice(11, 19), orgSlug, alertType, requestId.slice(0, 13)],
    none: 'No notification was sent.',
  }),
  organizations: defineView({
    summary: "the admin API's organizations, and what the jobs find to do with them",
    load: control => control.get('organizations', organizationsSchema),
    heading: ['ORGANIZATION', 'STATUS', 'TABLES', 'QUOTA OF', 'STUCK', 'ALERTS'],
    flexible: 'ALERTS',
    toRow: ({orgSlug, status, tables, quotaDate = '-', stuckCounters, alerts}) => [
      shorten(orgSlug, 26),
      status,
      tables === undefined ? '-' : String(tables),
      quotaDate,
      String(stuckCounters),
      alerts.join(' ') || '-',
    ],
    none: 'There are no organizations.',
  }),
  tables: defineView({
    summary: 'the tables in BigQuery, with their rows',
    load: control => control.get('tables', tablesSchema),
    heading: ['TABLE', 'ROWS'],
    flexible: 'TABLE',
    toRow: ({name, rows}) => [name, String(rows)],
    none: 'There are no tables.',
  }),
}

/** `npm run sandbox`: what the sandbox that is running received, did and holds. */
export async function runSandbox(argv: readonly string[], {stdout, env, columns}: CommandIo): Promise<ExitCode> {
  const list = Object.entries(views).map(([name, {summary}]) => `  ${name.padEnd(14)} ${summary}`)
  const command = new Command('npm run sandbox --')
    .description('Shows what the sandbox that is running received, did and holds; the newest come last.')
    .argument('[view]', Object.keys(views).join(', '))
    .option('--all', 'requests of other clients too, not of functions only')
    .option('--limit <number>', 'how many of the newest; 30 when absent')
    .option('--json', 'print one JSON object to standard output and nothing else')
    .addHelpText('after', `\n${list.join('\n')}\n`)
  const help = parseArgv(command, argv)
  if (help !== undefined) {
    stdout(help)
    return exitCodes.done
  }
  const names = Object.keys(views).join(', ')
  const [name] = command.args
  if (name === undefined) throw new UsageError(`show what? ${names}`)
  const {all = false, json = false, limit = '30'} = command.opts()
  const view = Object.hasOwn(views, name) ? views[name] : undefined
  if (view === undefined) {
    throw new UsageError(`the sandbox shows no ${JSON.stringify(name)}: ${names}`)
  }
  if (!/^[1-9]\d{0,5}$/.test(limit)) throw new UsageError(`--limit ${JSON.stringify(limit)}: a number from 1 on`)
  const entries = await view.load(createControlClient(await requireRunningSandbox(env)), {all})
  const shown = entries.slice(-Number(limit))
  if (json) stdout(JSON.stringify({[name]: shown.map(entry => entry.json), total: entries.length}))
  else if (shown.length === 0) stdout(view.none)
  else {
    const rows = shown.map(({cells}) => cells)
    stdout(formatTable(view.heading, fitRows(view, rows, columns ?? Number.POSITIVE_INFINITY), columns))
    if (shown.length < entries.length) stdout(`  the newest ${shown.length} of ${entries.length}: --limit shows more`)
  }
  return exitCodes.done
}

function fitRows({heading, flexible}: View, rows: readonly (readonly string[])[], width: number) {
  const index = heading.indexOf(flexible)
  const widths = heading.map((name, column) => Math.max(name.length, ...rows.map(cells => cells[column]?.length ?? 0)))
  const others = widths.reduce((sum, one, column) => sum + 2 + (column === index ? 0 : one), 0)
  const room = Math.max(12, width - others)
  return rows.map(cells => cells.with(index, shorten(cells[index] ?? '', room)))
}

function describeAnswer({status, fault, milliseconds}: Pick<SandboxRequest, 'status' | 'fault' | 'milliseconds'>) {
  const answer = status === undefined ? 'none' : String(status)
  const time = milliseconds >= 1000 ? ` ${(milliseconds / 1000).toFixed(1)}s` : ''
  return `${answer}${fault === undefined ? '' : ' injected'}${time}`
}

/** What every path begins with says nothing. */
function shortPath(path: string): string {
  return path.replace(/^\/api\/v1|^\/bigquery\/v2|^\/v1\/projects/, '').replace(/^\/projects\/cloudact-local/, '')
}
