import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {toReasonPattern} from '../../dead-letters/reason-pattern.ts'
import {deadLetterCommands} from '../../runs/dead-letter-commands.ts'
import {findProblems, type Problem, problemDays, runsWithDeadLetter} from '../../runs/open-problems.ts'
import type {AttentionItem, DeadLetterRow, JobRow, RunRow, Settlement} from '../page/base/wire.ts'

/** The most urgent first: what may be half done, then what did not run, then what is waiting. */
const urgency: readonly AttentionItem['reason'][] = [
  'unknown outcome',
  'failed',
  'dead letter',
  'stuck',
  'missed',
  'degraded',
  'paused',
]

type Sources = {
  readonly env: string
  readonly rows: readonly RunRow[]
  readonly runs: ReadonlyMap<string, readonly LedgerEntry[]>
  /** Undefined: they could not be read. */
  readonly deadLetters: readonly DeadLetterRow[] | undefined
  readonly jobs: readonly Pick<JobRow, 'name' | 'scheduleState'>[]
  readonly pausedSince?: ReadonlyMap<string, Date> | undefined
  /** What the declarations say of missed slots. */
  readonly catalogue?: Parameters<typeof findProblems>[1]['jobs']
  readonly now: Date
}

/**
 * Everything that an operator has to deal with, the most urgent first, one item per run or reason; and what was dealt
 * with in the same period, by whom and how.
 */
export function findAttention(sources: Sources): {open: AttentionItem[]; settled: AttentionItem[]} {
  const {rows, deadLetters = [], jobs, catalogue = [], pausedSince, env, now} = sources
  const since = now.getTime() - problemDays * 86_400_000
  const byRun = new Map(deadLetters.flatMap(row => (row.runId === null ? [] : [[row.runId, row] as const])))
  const dated = rows.map(row => {
    const {runId, job, outcome, at} = row
    return {row, runId, job, outcome, at: new Date(at), args: sources.runs.get(runId)?.[0]?.args ?? {}}
  })
  const byId = new Map(deadLetters.map(row => [row.id, row]))
  const deadLetterOf = (row: RunRow) => byRun.get(row.runId) ?? byId.get(row.deadLetterId ?? '')
  const problems = findProblems(dated, {jobs: catalogue, withDeadLetter: runsWithDeadLetter(rows, deadLetters), now})
  const ofRuns = [
    ...problems.map(({run: {row}, reason, settledBy}) =>
      toProblemItem(row, {...sources, reason, good: settledBy?.row, deadLetter: deadLetterOf(row)}),
    ),
    ...rows.filter(({at}) => Date.parse(at) >= since).flatMap(row => toSettledItem(row, sources)),
  ]
  const shown = new Set(ofRuns.flatMap(({deadLetterId, settlement}) => (settlement === null ? [deadLetterId] : [])))
  const ofDeadLetters = deadLetters.filter(({id}) => !shown.has(id)).map(row => toDeadLetterItem(row, env))
  const paused = jobs
    .filter(({scheduleState}) => scheduleState === 'paused')
    .map(({name}) => toPausedItem(name, env, pausedSince?.get(name) ?? now))
  const all = [...ofRuns, ...ofDeadLetters, ...paused].toSorted((a, b) => b.at.localeCompare(a.at))
  const open = joinAlike(joinMissed(all.filter(({settlement}) => settlement === null)), deadLetters, env)
  return {
    open: open.toSorted((a, b) => urgency.indexOf(a.reason) - urgency.indexOf(b.reason) || b.at.localeCompare(a.at)),
    settled: all.filter(({settlement}) => settlement !== null),
  }
}

function toProblemItem(
  row: RunRow,
  {
    env,
    runs,
    reason,
    good,
    deadLetter,
  }: Sources & {
    readonly reason: Problem['reason']
    readonly good: RunRow | undefined
    readonly deadLetter: DeadLetterRow | undefined
  },
): AttentionItem {
  const common = {
    ...commonOf(row),
    deadLetterId: deadLetter?.id ?? row.deadLetterId,
    settlement: good === undefined ? null : toSettlement(good),
  }
  if (reason === 'missed') {
    const step = {
      label: 'Catch up…',
      path: `#/timeline?range=7d&slot=${encodeURIComponent(row.runId)}`,
      command: `npm run catch-up -- ${env} --job ${row.job}`,
    }
    const text = `its slot of ${row.at.slice(0, 16).replace('T', ', ')} UTC was due, and nothing of it is in the ledger`
    return {...common, reason, text, step}
  }
  if (reason === 'failed') {
    const failure = runs.get(row.runId)?.findLast(({event}) => event === 'failed')
    const kind = failure?.error?.kind === 'unknown outcome' ? 'unknown outcome' : 'failed'
    return {
      ...common,
      reason: kind,
      step: deadLetter === undefined ? seeRun('See why', row, env) : replayStep(deadLetter, env),
    }
  }
  if (reason === 'degraded') return {...common, reason, step: seeRun('See what failed', row, env)}
  const text = row.outcome === 'retrying' ? `retrying since then: ${row.text}` : row.text
  return {...common, reason, text, step: seeRun('See its attempts', row, env)}
}

/** A failure that a person has dealt with. */
function toSettledItem(row: RunRow, {env, runs}: Sources): AttentionItem[] {
  const history = runs.get(row.runId) ?? []
  const item = {...commonOf(row), reason: 'failed', step: seeRun('See the run', row, env)} as const
  if (row.outcome === 'discarded' || row.outcome === 'cancelled') {
    const end = history.findLast(({event}) => event === row.outcome)
    return [{...item, settlement: settledBy(end, row.outcome)}]
  }
  if (row.outcome !== 'succeeded' && row.outcome !== 'skipped') return []
  const failure = history.findLast(({event, error}) => event === 'failed' && error?.kind !== undefined)
  if (failure === undefined) return []
  const end = history.findLast(({event}) => event === 'succeeded' || event === 'skipped')
  return [{...item, text: failure.error?.message ?? '', settlement: settledBy(end, 'replayed')}]
}

function commonOf(row: RunRow) {
  const {runId, job, deadLetterId, text} = row
  return {id: `run ${runId}`, job, runId, deadLetterId, at: row.endedAt ?? row.at, text, count: 1}
}

function seeRun(label: string, {runId}: RunRow, env: string): AttentionItem['step'] {
  return {label, path: `#/runs/${encodeURIComponent(runId)}`, command: `npm run runs -- ${env} ${runId}`}
}

/** One thing to do for all the open slots that a job has missed: its latest stands for them. */
function joinMissed(items: readonly AttentionItem[]): AttentionItem[] {
  const missed = items.filter(({reason}) => reason === 'missed')
  const joined = [...Map.groupBy(missed, ({job}) => job).values()].flatMap(own => {
    const [latest] = own
    const first = own.at(-1)
    if (latest === undefined || first === undefined || own.length === 1) return own
    const text = `${own.length} slots were due, and nothing of them is in the ledger, the first of ${first.at.slice(0, 16).replace('T', ', ')} UTC`
    const path = `#/timeline?range=7d&slot=${encodeURIComponent(own.map(({runId}) => runId).join())}`
    return [{...latest, count: own.length, text, step: {...latest.step, path}}]
  })
  return [...items.filter(({reason}) => reason !== 'missed'), ...joined]
}

/** What failed for one reason, and whose dead letters are all there, is replayed together. */
function joinAlike(
  items: readonly AttentionItem[],
  deadLetters: readonly DeadLetterRow[],
  env: string,
): readonly AttentionItem[] {
  const known = new Map(deadLetters.map(row => [row.id, row]))
  const kindOf = ({deadLetterId}: AttentionItem) => known.get(deadLetterId ?? '')?.kind
  const isAlike = (item: AttentionItem) =>
    kindOf(item) === undefined ? item.id : `${item.reason} ${item.job} ${toReasonPattern(item.text)}`
  return [...Map.groupBy(items, isAlike).values()].flatMap(own => {
    const [latest] = own
    if (latest === undefined || own.length === 1) return own
    const ids = own.flatMap(({deadLetterId}) => deadLetterId ?? [])
    const force = kindOf(latest) === 'unknown outcome' ? ' --force' : ''
    const command = `npm run replay -- ${env} ${ids.join(' ')}${force}`
    const step = {label: latest.step.label, path: `#/dead-letters?ids=${encodeURIComponent(ids.join())}`, command}
    return [{...latest, count: own.length, step}]
  })
}

function toDeadLetterItem(row: DeadLetterRow, env: string): AttentionItem {
  const {id, job, runId, at, reason} = row
  return {
    id: `dead letter ${id}`,
    reason: 'dead letter',
    job,
    runId,
    deadLetterId: id,
    at,
    text: reason,
    count: 1,
    step: replayStep(row, env),
    settlement: null,
  }
}

function toPausedItem(job: string, env: string, since: Date): AttentionItem {
  return {
    id: `paused ${job}`,
    reason: 'paused',
    job,
    runId: null,
    deadLetterId: null,
    at: since.toISOString(),
    text: 'its schedule is paused: nothing starts it by itself',
    count: 1,
    step: {label: 'Resume', path: `#/jobs/${job}`, command: `npm run resume -- ${env} ${job}`},
    settlement: null,
  }
}

function replayStep({id, kind}: DeadLetterRow, env: string): AttentionItem['step'] {
  const path = `#/dead-letters?ids=${encodeURIComponent(id)}`
  const {show, replay} = deadLetterCommands(env, id, kind)
  if (kind !== 'unknown outcome') return {label: 'Replay', path, command: replay}
  return {label: 'Check, then replay', path, command: show}
}

function toSettlement({runId, requestedBy, endedAt, at}: RunRow): Settlement {
  return {by: requestedBy, how: `a later run succeeded (${runId})`, at: endedAt ?? at}
}

function settledBy(end: LedgerEntry | undefined, how: string): Settlement | null {
  return end === undefined ? null : {by: end.requestedBy, how, at: end.at.toISOString()}
}
