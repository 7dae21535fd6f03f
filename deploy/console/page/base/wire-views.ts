import type {Outcome} from './wire.ts'

/** What the views of migrations, slots and the sandbox are sent; the rest is in `wire.ts`. */

/**
 * What became of a slot. `late`: its run began long after it, or is overdue. `due`: its time came just now. `off`: its
 * schedule isn't paused, but nothing fires it. `unknown`: what decides it could not be read.
 */
export type SlotState = 'ran' | 'late' | 'missed' | 'paused' | 'due' | 'to come' | 'off' | 'unknown'

export type SlotCell = {
  readonly at: string
  readonly state: SlotState
  /** Of the slot's run, whether there is one yet or not. */
  readonly runId: string
  readonly outcome: Outcome | null
  /** When its first attempt began. */
  readonly startedAt: string | null
}

export type SlotCalendar = {
  readonly from: string
  readonly to: string
  readonly jobs: readonly {readonly job: string; readonly slots: readonly SlotCell[]}[]
}

export type RunLogView = {
  readonly lines: readonly {readonly id: string; readonly text: string}[]
  /** Older ones than those. */
  readonly leftOut: number
  /** Why there are none. */
  readonly missing: string | null
}

export type MigrationList = {
  readonly folder: string
  readonly hash: string
  readonly projectRef: string
  readonly files: readonly {
    readonly name: string
    readonly state: string
    readonly appliedAt: string | null
    readonly appliedBy: string | null
    readonly milliseconds: number | null
  }[]
  /** Why the next run would refuse; null: it would not. */
  readonly problem: string | null
  readonly next: readonly string[]
  readonly advice: readonly string[]
}

export type MissedSlotRow = {
  readonly runId: string
  readonly job: string
  readonly slot: string
  /** Why it doesn't run any more; null: it runs. */
  readonly skipReason: string | null
}

export type SandboxOverview = {
  readonly requests: readonly {
    readonly at: string
    readonly service: string
    readonly caller: string | null
    readonly method: string
    readonly path: string
    readonly sql: string | null
    readonly status: number | null
    readonly fault: string | null
    readonly milliseconds: number
  }[]
  readonly notifications: readonly {readonly at: string; readonly orgSlug: string; readonly alertType: string}[]
  readonly organizations: readonly {
    readonly orgSlug: string
    readonly name: string
    readonly status: string
    readonly tables: number | null
    readonly alerts: readonly string[]
  }[]
  readonly organizationCount: number
  readonly tables: readonly {readonly name: string; readonly rows: number}[]
  /** `left` null: until it is cleared. */
  readonly faults: readonly {readonly fault: string; readonly left: number | null}[]
}
