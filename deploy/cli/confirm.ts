import {createInterface} from 'node:readline/promises'
import type {Readable, Writable} from 'node:stream'
import {CancelledError} from './cancelled-error.ts'
import {UsageError} from './usage-error.ts'

/**
 * Asks a question that only "yes" answers.
 *
 * @param io.isTerminal whether a person can type; else what is piped in counts, and nothing piped in is a refusal.
 * @returns false for any other answer.
 * @throws CancelledError after Ctrl-C.
 * @throws UsageError without a terminal and without an answer.
 */
export async function confirm(
  question: string,
  io: {readonly input: Readable; readonly output: Writable; readonly isTerminal: boolean; readonly signal: AbortSignal},
): Promise<boolean> {
  const lines = createInterface({input: io.input, output: io.isTerminal ? io.output : undefined, signal: io.signal})
  if (io.isTerminal) {
    try {
      return (await lines.question(`${question} Type "yes" to go on: `, {signal: io.signal})).trim() === 'yes'
    } catch (error) {
      // Ctrl-C on a terminal in raw mode is no signal: readline sees the key, and ends the question with this.
      if (error instanceof Error && error.name === 'AbortError')
        throw new CancelledError('Interrupted: nothing was done.')
      throw error
    } finally {
      lines.close()
    }
  }
  for await (const line of lines) {
    lines.close()
    return line.trim() === 'yes'
  }
  throw new UsageError(`${question} There is no terminal to ask on: add --yes, or pipe "yes" in`)
}
