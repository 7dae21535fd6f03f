import {ConfigurationError} from '../errors/configuration-error.ts'
import {ContractError} from '../errors/contract-error.ts'
import {InterruptedError} from '../errors/interrupted-error.ts'
import {InvalidMessageError} from '../errors/invalid-message-error.ts'
import {RejectedError} from '../errors/rejected-error.ts'
import {SqlError} from '../errors/sql-error.ts'
import {UnavailableError} from '../errors/unavailable-error.ts'

/**
 * What becomes of a message whose run threw: `transient` is not acknowledged and comes back, `permanent` is a dead
 * letter at once, `ambiguous` is a dead letter with an unknown outcome, never retried by itself.
 */
export type Disposition = 'transient' | 'permanent' | 'ambiguous'

/**
 * Sorts an error, once, for everybody.
 *
 * @param idempotent whether this run is safe to execute twice. If not, only an error that proves that nothing was
 *   executed may lead to another attempt.
 */
export function dispositionOf(error: unknown, idempotent: boolean): Disposition {
  if (error instanceof InvalidMessageError) return 'permanent'
  if (error instanceof ConfigurationError) return 'permanent'
  if (error instanceof RejectedError || error instanceof SqlError) return 'permanent'
  if (idempotent) return error instanceof ContractError ? 'permanent' : 'transient'
  const isSorted = error instanceof UnavailableError || error instanceof InterruptedError
  return isSorted && !error.mayHaveExecuted ? 'transient' : 'ambiguous'
}
