/** What the views of migrations, missed slots and the sandbox are sent; the rest is in `wire.ts`. */

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
