import * as z from 'zod'
import {compareNames, type MigrationFile} from './migration-file.ts'

/** A row of the tracking table. */
export const trackingRowSchema = z.object({filename: z.string(), checksum: z.string().nullable()})
export type TrackingRow = z.infer<typeof trackingRowSchema>

export type MigrationPlan = {
  /** In the order in which they are applied. */
  readonly pending: readonly MigrationFile[]
  readonly applied: readonly MigrationFile[]
  /** Applied once, changed since. */
  readonly drifted: readonly MigrationFile[]
  /** Recorded, but not among the files. */
  readonly missing: readonly string[]
}

/** Compares the files with what the tracking table says. */
export function planMigrations(files: readonly MigrationFile[], rows: readonly TrackingRow[]): MigrationPlan {
  const recorded = new Map(rows.map(row => [row.filename, row.checksum]))
  const known = new Set(files.map(({name}) => name))
  const applied = files.filter(({name}) => recorded.has(name))
  return {
    pending: files.filter(({name}) => !recorded.has(name)),
    applied,
    drifted: applied.filter(file => !isSame(file, recorded.get(file.name) ?? null)),
    missing: [...recorded.keys()].filter(name => !known.has(name)).sort(compareNames),
  }
}

/** Older runners recorded the whole SHA-256, its first 16 digits, or none. */
function isSame({checksum}: MigrationFile, recorded: string | null): boolean {
  if (recorded === null || recorded === '') return true
  const lower = recorded.toLowerCase()
  return lower === checksum || lower === checksum.slice(0, 16)
}

/**
 * The file that `only` and `force` mean: by name, or by number (and letter) if that is one file's alone.
 *
 * @returns undefined if it is none, or not a single one.
 */
export function findMigration(files: readonly MigrationFile[], wanted: string): MigrationFile | undefined {
  const byName = files.find(({name}) => name === wanted || name === `${wanted}.sql`)
  if (byName !== undefined) return byName
  const byNumber = files.filter(({name}) => name.startsWith(`${wanted}_`))
  return byNumber.length === 1 ? byNumber[0] : undefined
}
