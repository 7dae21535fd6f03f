import assert from 'node:assert/strict'
import {dispositionOf} from '../../../lib/delivery/disposition.ts'
import {ConfigurationError} from '../../../lib/errors/configuration-error.ts'
import {ContractError} from '../../../lib/errors/contract-error.ts'
import {InterruptedError} from '../../../lib/errors/interrupted-error.ts'
import {RefusedError} from '../../../lib/errors/refused-error.ts'
import {SqlError} from '../../../lib/errors/sql-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {UnreadableMessageError} from '../../../lib/errors/unreadable-message-error.ts'

const rows: [what: string, error: unknown, repeatable: string, otherwise: string][] = [
  ['an unreadable message', new UnreadableMessageError('no'), 'permanent', 'permanent'],
  ['a wrong configuration', new ConfigurationError(['no']), 'permanent', 'permanent'],
  ['a refusal', new RefusedError('no', {status: 403, detail: ''}), 'permanent', 'permanent'],
  [
    'a statement that the database refused',
    new SqlError('no', {sqlState: '42P01', line: 1, words: 'no'}),
    'permanent',
    'permanent',
  ],
  ['an answer against the contract', new ContractError('odd'), 'permanent', 'ambiguous'],
  ['a request that never left', new UnavailableError('down', {carriedOut: 'no'}), 'transient', 'transient'],
  ['a request without an answer', new UnavailableError('down', {carriedOut: 'unknown'}), 'transient', 'ambiguous'],
  ['a run that was cut off', new InterruptedError('stopped'), 'transient', 'ambiguous'],
  [
    'a run that was cut off before it sent anything',
    new InterruptedError('stopped', {carriedOut: 'no'}),
    'transient',
    'transient',
  ],
  ['a bug', new TypeError('x is not a function'), 'transient', 'ambiguous'],
  ['something that is no error', undefined, 'transient', 'ambiguous'],
]

describe('dispositionOf', () => {
  for (const [what, error, repeatable, otherwise] of rows) {
    it(`takes ${what} for ${repeatable}, and for ${otherwise} where the run may not be repeated`, () => {
      assert.deepEqual([dispositionOf(error, true), dispositionOf(error, false)], [repeatable, otherwise])
    })
  }
})
