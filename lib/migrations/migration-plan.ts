import {compareNames, type MigrationFile} from './migration-file.ts'
import {fileNameOf, type TrackingRow} from './tracking-table.ts'

/** A file that is recorded, with its row. */
export type AppliedFile = {readonly file: MigrationFile; readonly row: TrackingRow}

export type MigrationPlan = {
  readonly files: readonly MigrationFile[]
  /** In the order in which they are applied. */
  readonly pending: readonly MigrationFile[]
  readonly applied: readonly AppliedFile[]
  /** Applied once, changed since. */
  readonly drifted: readonly AppliedFile[]
  /** Recorded, but not among the files. */
  readonly missing: readonly TrackingRow[]
  /** Pending files that come before applied ones, with the names of those. */
  readonly outOfOrder: ReadonlyMap<string, readonly string[]>
  /** Why the folder can't be this database's; undefined: it can. */
  readonly mismatch: string | undefined
}

/** Fewer recorded names than this say nothing about a folder. */
const leastRecorded = 3
/** Of the recorded names, so many must be among the files. */
const leastOverlap = 0.25

/** Compares the files with what the tracking table says. */
export function planMigrations(files: readonly MigrationFile[], rows: readonly TrackingRow[]): MigrationPlan {
  const byName = Map.groupBy(rows, fileNameOf)
  const applied = files.flatMap(file => {
    const found = byName.get(file.name) ?? []
    // Written twice, under two spellings: that of this runner counts.
    const row = found.find(({filename}) => filename === file.name) ?? found[0]
    return row === undefined ? [] : [{file, row}]
  })
  const recorded = new Set(applied.map(({file}) => file.name))
  const pending = files.filter(({name}) => !recorded.has(name))
  const known = new Set(files.map(({name}) => name))
  const missing = rows
    .filter(row => !known.has(fileNameOf(row) ?? ''))
    .toSorted((a, b) => compareNames(fileNameOf(a) ?? '', fileNameOf(b) ?? ''))
  return {
    files,
    pending,
    applied,
    drifted: applied.filter(({file, row}) => isDifferent(file, row.checksum)),
    missing,
    outOfOrder: findOutOfOrder(pending, applied),
    mismatch: describeMismatch(rows, recorded.size, files.length),
  }
}

function findOutOfOrder(pending: readonly MigrationFile[], applied: readonly AppliedFile[]) {
  const entries = pending.map(({name}) => {
    const later = applied.filter(({file}) => compareNames(file.name, name) > 0).map(({file}) => file.name)
    return [name, later] as const
  })
  return new Map(entries.filter(([, later]) => later.length > 0))
}

function describeMismatch(rows: readonly TrackingRow[], matched: number, files: number): string | undefined {
  const named = new Set(rows.flatMap(row => /^\d{2,}[a-z]?_/.exec(fileNameOf(row) ?? '')?.input ?? []))
  if (named.size < leastRecorded || matched >= named.size * leastOverlap) return undefined
  const examples = [...named].slice(0, 3).join(', ')
  return `of ${named.size} files that the database has recorded (${examples}, …), only ${matched} are among the ${files} of the folder: this is the wrong folder, or the wrong project`
}

/**
 * Whether a recorded checksum proves another content. Only SHA-256, whole or its first 16 digits, is known to be one:
 * anything else that older runners and people wrote says nothing.
 */
function isDifferent({equalChecksums}: MigrationFile, recorded: string | null): boolean {
  const digits = (recorded ?? '').trim().toLowerCase()
  if (!/^(?:[0-9a-f]{16}|[0-9a-f]{64})$/.test(digits)) return false
  return !equalChecksums.some(checksum => checksum.startsWith(digits))
}

/**
 * The files that a person means: one by its name, or all of a number (and letter).
 *
 * @param wanted `03_members.sql`, `03_members`, `03` or `03a`.
 */
export function findMigrations(files: readonly MigrationFile[], wanted: string): readonly MigrationFile[] {
  const byName = files.filter(({name}) => name === wanted || name === `${wanted}.sql`)
  return byName.length > 0 ? byName : files.filter(({name}) => name.startsWith(`${wanted}_`))
}

/** As {@link findMigrations}, where it must be one. @returns the problem otherwise. */
export function findMigration(files: readonly MigrationFile[], wanted: string): MigrationFile | string {
  const [found, ...others] = findMigrations(files, wanted)
  if (found === undefined) return `there is no file ${JSON.stringify(wanted)} in the folder: name it in full`
  if (others.length === 0) return found
  return `${JSON.stringify(wanted)} is more than one file, name one in full: ${[found, ...others].map(({name}) => name).join(', ')}`
}

/** A range in the folder's order, both ends included: `04..37a`, or one file. @returns the problem if there is none. */
export function findRange(files: readonly MigrationFile[], wanted: string): readonly MigrationFile[] | string {
  const [from = '', to] = wanted.split('..')
  if (to === undefined) {
    const found = findMigration(files, wanted)
    return typeof found === 'string' ? found : [found]
  }
  const first = findMigrations(files, from)[0]
  const last = findMigrations(files, to).at(-1)
  if (first === undefined || last === undefined) {
    return `there is no file ${JSON.stringify(first === undefined ? from : to)} in the folder: write a range as 04_name.sql..37a_name.sql, or with numbers alone`
  }
  const range = files.slice(files.indexOf(first), files.indexOf(last) + 1)
  return range.length > 0 ? range : `${first.name} comes after ${last.name}: write the range the other way round`
}
