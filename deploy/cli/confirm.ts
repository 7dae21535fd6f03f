import {createInterface} from 'node:readline/promises'
import type {Readable, Writable} from 'node:stream'
import {CancelledError} from './cancelled-error.ts'
import {UsageError} from './usage-error.ts'

/**
 * Asks a question that only "yes" answers.
 *
 * @returns false for any other answer.
 * @throws CancelledError after Ctrl-C.
 * @throws UsageError without a terminal and without an answer.
 */
export async function confirm(question: string, io: Terminal): Promise<boolean> {
  const hint = 'add --yes, or pipe "yes" in'
  return (await ask(`${question} Type "yes" to go on: `, {...io, hint})) === 'yes'
}

type Terminal = {
  readonly input: Readable
  readonly output: Writable
  /** Whether a user can type; otherwise what is piped in counts, and nothing piped in is a refusal. */
  readonly isTerminal: boolean
  readonly signal: AbortSignal
}

/**
 * Asks for one line.
 *
 * @param io.hint what to do without a terminal.
 * @returns it without white space around it.
 * @throws CancelledError after Ctrl-C.
 * @throws UsageError without a terminal and without an answer.
 */
export async function ask(question: string, io: Terminal & {readonly hint: string}): Promise<string> {
  const lines = createInterface({input: io.input, output: io.isTerminal ? io.output : undefined, signal: io.signal})
  if (io.isTerminal) {
    try {
      return (await lines.question(question, {signal: io.signal})).trim()
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
    return line.trim()
  }
  throw new UsageError(`${question.replace(/ Type [^?.]*: $/, '')} There is no terminal to ask on: ${io.hint}`)
}
