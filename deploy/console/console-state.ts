import type {Job} from '../../lib/job/job.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {toMessageText} from '../../lib/log/error-text.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import type {DeadLetter} from '../dead-letters/dead-letter.ts'
import {toJobStatus} from '../list/job-status.ts'
import {type SlotLimits, unknownSlotLimits} from '../runs/absent-runs.ts'
import type {RunSummary} from '../runs/run-summary.ts'
import type {ScheduleState} from '../schedules/schedules.ts'
import type {LedgerCache} from './ledger-cache.ts'
import type {DeadLetterRow, JobRow, Overview, RunRow, UnknownPart} from './page/base/wire.ts'
import {findAttention} from './views/attention.ts'
import {toDeadLetterRow} from './views/dead-letter-row.ts'
import {toJobRows} from './views/job-rows.ts'
import {createRunRows, isOpen, type KnownRun, toRunRow} from './views/run-row.ts'

export type SchedulesRead = {readonly states: ReadonlyMap<string, ScheduleState>; readonly limits: SlotLimits}

/** What is asked of the environment beside its ledger. */
export type ConsoleSources = {
  readonly env: string
  readonly jobs: readonly Job[]
  readonly cache: LedgerCache
  readonly readSchedules: () => Promise<SchedulesRead>
  readonly readDeadLetters: () => Promise<{deadLetters: readonly DeadLetter[]; isComplete: boolean}>
  /** Scheduled runs of which the ledger has nothing. */
  readonly findAbsent: (
    entries: readonly LedgerEntry[],
    from: Date,
    now: Date,
    limits: SlotLimits,
  ) => Promise<readonly RunSummary[]>
  readonly now: () => Date
  readonly freshMilliseconds: number
}

/** Everything that the views are made of, read once for all tabs. */
export type ConsoleState = {
  readonly refresh: () => Promise<void>
  /** Reads again with the next refresh, after something was done. */
  readonly expire: () => void
  readonly rows: () => readonly RunRow[]
  readonly deadLetters: () => readonly DeadLetter[] | undefined
  readonly isComplete: () => boolean
  readonly deadLetterRows: () => readonly DeadLetterRow[] | undefined
  readonly jobRows: () => readonly JobRow[]
  /** What the calendar of slots is made of, beside runs. */
  readonly slotSources: () => {readonly schedules: SchedulesRead | undefined; readonly isKnown: boolean}
  readonly overview: () => Overview
  readonly unknown: () => readonly UnknownPart[]
}

/** A source that is asked at most once in `freshMilliseconds`, and whose trouble is kept instead of its last answer. */
function createPart<T>(
  subject: string,
  read: () => Promise<T>,
  options: {freshMilliseconds: number; now: () => Date; onChange: () => void; keyOf: (value: T) => string},
) {
  let value: T | undefined
  let reason: string | undefined
  let readAt = Number.NEGATIVE_INFINITY
  let text = ''
  let reading: Promise<void> | undefined
  const update = async () => {
    try {
      value = await read()
      reason = undefined
    } catch (error) {
      value = undefined
      reason = toPrintableLine(toMessageText(error), 500)
    }
    readAt = options.now().getTime()
    const seen = `${value === undefined ? '' : options.keyOf(value)} ${reason}`
    if (seen !== text) options.onChange()
    text = seen
  }
  return {
    value: () => value,
    unknown: (): UnknownPart[] => (reason === undefined ? [] : [{subject, reason}]),
    expire() {
      readAt = Number.NEGATIVE_INFINITY
    },
    refresh: (): Promise<void> => {
      if (reading !== undefined) return reading
      if (options.now().getTime() - readAt < options.freshMilliseconds) return Promise.resolve()
      reading = update().finally(() => {
        reading = undefined
      })
      return reading
    },
  }
}

export function createConsoleState(sources: ConsoleSources): ConsoleState {
  const {env, jobs, cache, now, freshMilliseconds} = sources
  const part = {now, onChange: cache.touch}
  const schedules = createPart('schedules', sources.readSchedules, {
    ...part,
    freshMilliseconds: freshMilliseconds * 6,
    keyOf: ({states, limits: {deployedSince, pausedSince}}) => [...states, ...deployedSince, ...pausedSince].join(),
  })
  const letters = createPart('dead letters', sources.readDeadLetters, {
    ...part,
    freshMilliseconds: freshMilliseconds * 3,
    keyOf: ({deadLetters, isComplete}) => `${isComplete} ${deadLetters.map(({id}) => id).join()}`,
  })
  let absentFrom = cache.state().from
  const readAbsent = () => {
    absentFrom = cache.state().from
    return sources.findAbsent(entries(), absentFrom, now(), schedules.value()?.limits ?? unknownSlotLimits)
  }
  const absent = createPart('missed slots', readAbsent, {
    ...part,
    freshMilliseconds: freshMilliseconds * 6,
    keyOf: runs => runs.map(({runId, outcome}) => `${runId} ${outcome}`).join(),
  })
  const parts = [schedules, letters]
  const rowsOf = createRunRows()
  const entries = () => [...cache.runs().values()].flat().sort((a, b) => a.at.getTime() - b.at.getTime())
  let known: {revision: number; runs: readonly KnownRun[]; rows: readonly RunRow[]} | undefined

  const absentRuns = () => (cache.state().trouble === undefined ? (absent.value() ?? []) : [])
  const current = () => {
    if (known === undefined || known.revision !== cache.revision() || known.rows.some(isOpen)) {
      const missed = absentRuns().filter(({runId}) => !cache.runs().has(runId))
      const runs = [...rowsOf(cache.runs(), now()), ...missed.map(summary => ({summary, row: toRunRow(summary)}))]
      known = {revision: cache.revision(), runs, rows: runs.map(({row}) => row)}
    }
    return known
  }
  const deadLetterRows = () => letters.value()?.deadLetters.map(deadLetter => toDeadLetterRow(deadLetter, cache.runs()))
  const jobRows = () => {
    const isKnown = cache.state().trouble === undefined
    const found = {
      schedules: schedules.value()?.states,
      runs: isKnown ? current().runs.map(({summary}) => summary) : undefined,
      deadLetters: letters.value()?.deadLetters.map(({job}) => job),
    }
    return toJobRows(
      jobs.map(job => toJobStatus(job, found, now())),
      current().rows,
    )
  }

  return {
    async refresh() {
      await Promise.all([cache.refresh(), ...parts.map(each => each.refresh())])
      if (absentFrom > cache.state().from) absent.expire()
      await absent.refresh()
    },
    expire() {
      for (const each of [...parts, absent]) each.expire()
      cache.touch()
    },
    rows: () => current().rows,
    deadLetters: () => letters.value()?.deadLetters,
    isComplete: () => letters.value()?.isComplete ?? false,
    deadLetterRows,
    jobRows,
    slotSources: () => ({
      schedules: schedules.value(),
      isKnown: cache.state().trouble === undefined && absent.value() !== undefined,
    }),
    overview() {
      const all = current().rows
      const ofJobs = jobRows()
      const {open, settled} = findAttention({
        env,
        rows: all,
        runs: cache.runs(),
        deadLetters: deadLetterRows(),
        jobs: ofJobs,
        catalogue: jobs,
        pausedSince: schedules.value()?.limits.pausedSince,
        now: now(),
      })
      return {
        attention: open,
        settled,
        jobs: ofJobs,
        deadLetterCount: letters.value()?.deadLetters.length ?? null,
        running: all
          .filter(row => isOpen(row) && row.outcome !== 'pending')
          .map(row => ({...row, progress: describeProgress(row, now())})),
      }
    },
    unknown() {
      const {trouble} = cache.state()
      const ledger = trouble === undefined ? [] : [{subject: 'runs', reason: toPrintableLine(trouble, 500)}]
      return [...ledger, ...parts.flatMap(each => each.unknown()), ...absent.unknown()]
    },
  }
}

/** `312 of 2,000, 8.1 a second`. */
function describeProgress({counts, at}: RunRow, now: Date): string {
  const {done, total, ...others} = counts
  const seconds = Math.max(1, (now.getTime() - Date.parse(at)) / 1000)
  if (done === undefined)
    return Object.entries(others)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ')
  const rate = `${(done / seconds).toFixed(1)} a second`
  return total === undefined ? `${done}, ${rate}` : `${done} of ${total}, ${rate}`
}
