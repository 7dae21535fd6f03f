/** One line of the table: what was measured, against what, and whether the goal is met. */
export type Row = {
  readonly what: string
  /** What the ratio is to, measured in the same run. */
  readonly baseline: string
  readonly goal: Goal
  /** With its unit: `171 ms`. */
  readonly figure: string
  /** What the goal is about; undefined: not measured. */
  readonly value: number | undefined
  /** Counted runs behind the median; 1 for a count that is the same each time. */
  readonly runs: number
  readonly note?: string
}

export type Goal = {readonly limit: number; readonly is: 'at most' | 'at least'; readonly unit?: string}

export type Group = {
  /** For `--only`. */
  readonly name: string
  readonly measure: (options: Measuring) => Promise<Row[]>
}

export type Measuring = {
  /** Counted runs of each thing, after one that is not counted. */
  readonly runs: number
  /** Says how far the bench is. @throws the reason of Ctrl-C, once it came */
  readonly tell: (line: string) => void
}

/** @returns null where it was not measured. */
export function isMet({goal: {limit, is}, value}: Row): boolean | null {
  if (value === undefined) return null
  return is === 'at most' ? value <= limit : value >= limit
}

export function verdictOf(row: Row): string {
  const {goal, value} = row
  if (value === undefined) return 'not measured'
  if (isMet(row) === true) return 'met'
  const percent = Math.abs(value / goal.limit - 1) * 100
  return `missed by ${percent.toFixed(percent < 10 ? 1 : 0)} %`
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/**
 * Measures several things in turn, A B A B …, so that a machine whose speed drifts is as slow for one as for the other.
 * The first round is not counted.
 */
export async function inTurn<Key extends string, Sample>(
  runs: number,
  things: Readonly<Record<Key, (round: number) => Promise<Sample>>>,
): Promise<Record<Key, Sample[]>> {
  const keys = Object.keys(things) as Key[]
  const samples = Object.fromEntries(keys.map(key => [key, [] as Sample[]])) as Record<Key, Sample[]>
  for (let round = 0; round <= runs; round += 1) {
    for (const key of keys) {
      const sample = await things[key](round)
      if (round > 0) samples[key].push(sample)
    }
  }
  return samples
}

/** The median of one figure of all samples. */
export function medianOf<Sample>(samples: readonly Sample[], figure: (sample: Sample) => number): number {
  return median(samples.map(figure))
}
