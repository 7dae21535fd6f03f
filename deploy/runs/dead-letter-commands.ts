/** The commands for a dead letter, to be copied as they stand. */
export type DeadLetterCommands = {
  readonly show: string
  readonly discard: string
  /** Of an unknown outcome with `--force`: only for where what is to be checked first can be read. */
  readonly replay: string
}

export function deadLetterCommands(env: string, id: string, kind: string | undefined): DeadLetterCommands {
  return {
    show: `npm run dead-letters -- ${env} show ${id}`,
    discard: `npm run dead-letters -- ${env} discard ${id} --reason "…"`,
    replay: `npm run replay -- ${env} ${id}${kind === 'unknown outcome' ? ' --force' : ''}`,
  }
}

/**
 * Whether discarding comes before replaying: nothing reads an unreadable message by being asked again, and what may have
 * been done must not be done twice.
 */
export function isDiscardFirst(kind: string | undefined): boolean {
  return kind === 'unknown outcome' || kind === 'unreadable'
}
