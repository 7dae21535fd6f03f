import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {toReasonPattern} from '../../dead-letters/reason-pattern.ts'
import type {AttentionItem, DeadLetterRow, JobRow, RunRow, Settlement} from '../page/base/wire.ts'

/** What went wrong longer ago than this is history. */
const days = 14

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
  /** Jobs of which every missed slot runs: a later success doesn't make up for it. */
  readonly everySlotRuns?: ReadonlySet<string>
  readonly now: Date
}

/**
 * Everything that an operator has to deal with, the most urgent first, one item per run or reason; and what was dealt
 * with in the same period, by whom and how.
 */
export function findAttention(sources: Sources): {open: AttentionItem[]; settled: AttentionItem[]} {
  const {rows, deadLetters = [], jobs, pausedSince, env, now} = sources
  const since = now.getTime() - days * 86_400_000
  const byRun = new Map(deadLetters.flatMap(row => (row.runId === null ? [] : [[row.runId, row] as const])))
  const lastGood = latestSuccesses(rows)
  const ofRuns = rows
    .filter(({at}) => Date.parse(at) >= since)
    .flatMap(row => toItem(row, {...sources, deadLetter: byRun.get(row.runId), lastGood}))
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

function toItem(
  row: RunRow,
  {
    env,
    runs,
    deadLetter,
    lastGood,
    everySlotRuns,
    now,
  }: Sources & {deadLetter: DeadLetterRow | undefined; lastGood: ReadonlyMap<string, RunRow>},
): AttentionItem[] {
  const history = runs.get(row.runId) ?? []
  const common = {
    id: `run ${row.runId}`,
    job: row.job,
    runId: row.runId,
    deadLetterId: deadLetter?.id ?? row.deadLetterId,
    at: row.endedAt ?? row.at,
    text: row.text,
    count: 1,
  }
  const see = (label: string) => ({
    label,
    path: `#/runs/${encodeURIComponent(row.runId)}`,
    command: `npm run runs -- ${env} ${row.runId}`,
  })
  if (row.outcome === 'missed') {
    const step = {
      label: 'Catch up…',
      path: `#/timeline?range=7d&slot=${encodeURIComponent(row.runId)}`,
      command: `npm run catch-up -- ${env} --job ${row.job}`,
    }
    const settlement = everySlotRuns?.has(row.job) === true ? null : laterSuccess(row, lastGood)
    const text = `its slot of ${row.at.slice(0, 16).replace('T', ', ')} UTC was due, and nothing of it is in the ledger`
    return [{...common, reason: 'missed', text, step, settlement}]
  }
  if (row.outcome === 'failed') {
    const failure = history.findLast(({event}) => event === 'failed')
    const reason = failure?.error?.kind === 'unknown outcome' ? 'unknown outcome' : 'failed'
    if (deadLetter !== undefined) return [{...common, reason, step: replayStep(deadLetter, env), settlement: null}]
    return [{...common, reason, step: see('See why'), settlement: laterSuccess(row, lastGood)}]
  }
  if (row.outcome === 'discarded' || row.outcome === 'cancelled') {
    const end = history.findLast(({event}) => event === row.outcome)
    return [
      {
        ...common,
        reason: 'failed',
        step: see('See the run'),
        settlement: settledBy(end, row.outcome === 'discarded' ? 'discarded' : 'cancelled'),
      },
    ]
  }
  if (row.outcome === 'degraded') {
    return [{...common, reason: 'degraded', step: see('See what failed'), settlement: laterSuccess(row, lastGood)}]
  }
  if (row.outcome === 'abandoned')
    return [{...common, reason: 'stuck', step: see('See its attempts'), settlement: laterSuccess(row, lastGood)}]
  if (row.outcome === 'retrying' && now.getTime() - Date.parse(row.at) > 10 * 60_000) {
    return [
      {
        ...common,
        reason: 'stuck',
        text: `retrying since then: ${row.text}`,
        step: see('See its attempts'),
        settlement: null,
      },
    ]
  }
  const failure = history.findLast(({event, error}) => event === 'failed' && error?.kind !== undefined)
  const isGood = row.outcome === 'succeeded' || row.outcome === 'skipped'
  if (failure === undefined || !isGood) return []
  const end = history.findLast(({event}) => event === 'succeeded' || event === 'skipped')
  return [
    {
      ...common,
      reason: 'failed',
      text: failure.error?.message ?? '',
      step: see('See the run'),
      settlement: settledBy(end, 'replayed'),
    },
  ]
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
  const isUnknown = kind === 'unknown outcome'
  return {
    label: isUnknown ? 'Check, then replay' : 'Replay',
    path: `#/dead-letters?ids=${encodeURIComponent(id)}`,
    command: `npm run replay -- ${env} ${id}${isUnknown ? ' --force' : ''}`,
  }
}

/** The newest good run of each job. */
function latestSuccesses(rows: readonly RunRow[]): ReadonlyMap<string, RunRow> {
  const latest = new Map<string, RunRow>()
  for (const row of rows) {
    if (row.outcome !== 'succeeded') continue
    const known = latest.get(row.job)
    if (known === undefined || known.at < row.at) latest.set(row.job, row)
  }
  return latest
}

function laterSuccess(row: RunRow, lastGood: ReadonlyMap<string, RunRow>): Settlement | null {
  const good = lastGood.get(row.job)
  if (good === undefined || good.at <= row.at) return null
  return {by: good.requestedBy, how: `a later run succeeded (${good.runId})`, at: good.endedAt ?? good.at}
}

function settledBy(end: LedgerEntry | undefined, how: string): Settlement | null {
  return end === undefined ? null : {by: end.requestedBy, how, at: end.at.toISOString()}
}
