/**
 * What is right for slots that were missed:
 * - `each`: every one runs, oldest first, with its own slot's date
 * - `latest`: only the newest runs
 * - `today`: a slot runs only while its UTC day lasts
 * - `never`, with the reason: a missed slot doesn't run at all
 */
export type MissedPolicy = 'each' | 'latest' | 'today' | {readonly never: string}
