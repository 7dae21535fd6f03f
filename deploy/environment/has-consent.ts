import {confirm} from '../cli/confirm.ts'
import type {Session} from './session.ts'

/**
 * Asks before something is done where it counts (`prod`).
 *
 * @param options.isAlwaysAsked asks in every environment.
 * @param action what is to be done, as the question's beginning: `Replay it`.
 * @throws UsageError without a terminal and without an answer.
 */
export async function hasConsent(
  {io, environment, signal}: Pick<Session, 'io' | 'environment' | 'signal'>,
  action: string,
  {isAlwaysAsked = false}: {readonly isAlwaysAsked?: boolean} = {},
): Promise<boolean> {
  if (!isAlwaysAsked && !environment.needsConfirmation) return true
  const question = `${action} in ${environment.name} (${environment.projectId})?`
  return confirm(question, {input: io.stdin, output: io.terminal, isTerminal: io.stdin.isTTY === true, signal})
}
