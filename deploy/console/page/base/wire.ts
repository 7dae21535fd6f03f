/**
 * What the console's server answers and its page shows. Moments are ISO 8601 texts in UTC, durations milliseconds. The
 * page and the server both read these types, so nothing here may depend on Node or on a browser.
 */

export type Outcome =
  | 'succeeded'
  | 'degraded'
  | 'skipped'
  | 'failed'
  | 'discarded'
  | 'cancelled'
  | 'running'
  | 'retrying'
  | 'continuing'
  | 'abandoned'
  | 'missed'
  | 'pending'

/** A stretch of a run's life on the time axis. `lease`: claimed, and not known to have ended. */
export type Bar = {
  readonly type: 'attempt' | 'backoff' | 'lease'
  readonly from: string
  /** Absent while it lasts. */
  readonly to: string | null
  readonly outcome: Outcome
  readonly attempt: number
  readonly part: number
  readonly text: string
}

export type RunRow = {
  readonly runId: string
  readonly job: string
  readonly outcome: Outcome
  /** When its first attempt started; of a missed run, its slot. */
  readonly at: string
  readonly endedAt: string | null
  readonly durationMilliseconds: number | null
  readonly attempts: number
  readonly parts: number
  readonly trigger: 'schedule' | 'manual' | 'replay'
  readonly requestedBy: string
  readonly text: string
  readonly deadLetterId: string | null
  readonly counts: Readonly<Record<string, number>>
}

/** How a failure was dealt with: `replay by anna@cloudact.ai`. */
export type Settlement = {readonly by: string; readonly how: string; readonly at: string}

/** A run that needed an operator, and whether it still does. */
export type AttentionItem = {
  readonly id: string
  readonly reason: 'failed' | 'degraded' | 'unknown outcome' | 'missed' | 'dead letter' | 'paused' | 'stuck'
  readonly job: string | null
  readonly runId: string | null
  readonly deadLetterId: string | null
  readonly at: string
  readonly text: string
  /** How many runs, slots or dead letters it stands for; they have one reason and one next step. */
  readonly count: number
  /** The one thing to do next. */
  readonly step: {readonly label: string; readonly path: string; readonly command: string}
  readonly settlement: Settlement | null
}

export type JobRow = {
  readonly name: string
  readonly functionName: string
  readonly summary: string
  /** `At 08:00, every day`; null: only people publish it. */
  readonly schedule: string | null
  readonly cron: string | null
  readonly nextRunAt: string | null
  readonly scheduleState: 'enabled' | 'paused' | 'absent' | 'off' | 'unknown' | null
  readonly missed: number | null
  readonly deadLetters: number | null
  /** The last 30, oldest first, missed ones included. */
  readonly strip: readonly RunRow[]
  /** As `npm run list` shows it; null: none, or unknown. */
  readonly lastRun: RunRow | null
  /** `0 processed, usually about 12`, where the last run's counts are far from the usual ones. */
  readonly unusual: string | null
}

/** What could not be read; its part of a view is unknown, never zero. */
export type UnknownPart = {readonly subject: string; readonly reason: string}

/** Where the figures come from and what asking for them cost. */
export type Provenance = {
  readonly asOf: string
  readonly queries: number
  readonly bytes: number
  /** How far back the runs at hand reach. */
  readonly from: string
}

export type Environment = {
  readonly name: string
  readonly projectId: string
  /** Actions want the environment's name typed. */
  readonly isProduction: boolean
  readonly readOnly: boolean
  readonly version: string
}

export type View<Data> = {
  readonly revision: number
  readonly environment: Environment
  readonly provenance: Provenance
  readonly unknown: readonly UnknownPart[]
  readonly data: Data
}

export type Overview = {
  readonly attention: readonly AttentionItem[]
  readonly settled: readonly AttentionItem[]
  readonly running: readonly (RunRow & {readonly progress: string})[]
  readonly jobs: readonly JobRow[]
  /** Null: unknown. */
  readonly deadLetterCount: number | null
}

export type TimelineRun = RunRow & {readonly bars: readonly Bar[]}

export type Timeline = {
  readonly from: string
  readonly to: string
  readonly jobs: readonly string[]
  readonly runs: readonly TimelineRun[]
  /** Slots to come within the window. */
  readonly upcoming: readonly {readonly job: string; readonly at: string}[]
  /** Runs left out because the window holds too many; their number by job and stretch of time. */
  readonly dense: readonly {
    readonly job: string
    readonly from: string
    readonly to: string
    readonly count: number
    readonly failed: number
  }[]
}

export type RunList = {
  readonly rows: readonly RunRow[]
  readonly total: number
  readonly page: number
  readonly pages: number
}

export type LedgerRow = {
  readonly event: string
  readonly at: string
  readonly attempt: number
  readonly part: number
  readonly trigger: string
  readonly requestedBy: string
  readonly summary: string | null
  readonly error: {
    readonly name: string
    readonly message: string
    readonly details: readonly string[]
    readonly kind: string | null
  } | null
  readonly counts: Readonly<Record<string, number>> | null
  readonly durationMilliseconds: number | null
  readonly version: string
  /** What the messages of its publication have in common. */
  readonly requestId: string | null
}

export type RunDetail = {
  readonly run: TimelineRun
  readonly args: string
  readonly history: readonly LedgerRow[]
  readonly logHint: string
  readonly commands: readonly string[]
}

export type DeadLetterRow = {
  readonly id: string
  readonly at: string
  readonly job: string | null
  readonly runId: string | null
  readonly kind: string
  readonly reason: string
  /** The reason without what differs from one to the next (ids, numbers), for groups. */
  readonly pattern: string
  readonly attempts: number
  readonly replays: number
  readonly version: string | null
}

export type DeadLetterList = {readonly rows: readonly DeadLetterRow[]; readonly isComplete: boolean}

export type PayloadField = {
  readonly name: string
  readonly value: string
  /** What today's schema says of it; null: accepted. */
  readonly problem: string | null
}

export type DeadLetterDetail = DeadLetterRow & {
  readonly text: string | null
  readonly base64: string
  readonly attributes: Readonly<Record<string, string>>
  readonly fields: readonly PayloadField[]
  readonly manualCheck: string | null
  readonly commands: readonly string[]
}

export type ReplayVerdict = {
  readonly id: string
  readonly runId: string | null
  readonly job: string | null
  readonly verdict: 'goes' | 'is cleared' | 'stays'
  readonly why: string
  readonly manualCheck: string | null
}

export type ReplayPreview = {
  /** Names exactly what was previewed; only that is acted upon. */
  readonly preview: string
  readonly verdicts: readonly ReplayVerdict[]
}

export type ActionResult = {
  readonly id: string
  /** The run that goes on, or stays as it was. */
  readonly runId: string | null
  readonly state: 'done' | 'failed' | 'left'
  readonly text: string
  /** Where the run goes on: what the ledger has of it from this moment on, by its own clock, is news. */
  readonly since: string | null
}

export type ArgumentField = {
  readonly name: string
  readonly type: 'text' | 'number' | 'boolean' | 'choice' | 'list'
  readonly choices: readonly string[]
  readonly description: string
  readonly defaultValue: string
}

export type PublishForm = {
  readonly job: string
  readonly summary: string
  readonly context: string
  readonly isIdempotent: boolean
  readonly manualCheck: string | null
  readonly fields: readonly ArgumentField[]
}

/** Errors beside the field; '' holds what belongs to none. */
export type PublishCheck = {
  readonly problems: Readonly<Record<string, string>>
  readonly command: string
}

export type ReleaseStep = {
  readonly step: string
  /** Null: people do it. */
  readonly job: string | null
  readonly context: string
}

export type Refusal = {readonly error: string}
