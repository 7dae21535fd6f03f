import assert from 'node:assert/strict'
import {dispositionOf} from '../../../lib/delivery/disposition.ts'
import {ConfigurationError} from '../../../lib/errors/configuration-error.ts'
import {ContractError} from '../../../lib/errors/contract-error.ts'
import {InterruptedError} from '../../../lib/errors/interrupted-error.ts'
import {InvalidMessageError} from '../../../lib/errors/invalid-message-error.ts'
import {RejectedError} from '../../../lib/errors/rejected-error.ts'
import {SqlError} from '../../../lib/errors/sql-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'

const rows: [what: string, error: unknown, idempotent: string, otherwise: string][] = [
  ['an unreadable message', new InvalidMessageError('no'), 'permanent', 'permanent'],
  ['a wrong configuration', new ConfigurationError(['no']), 'permanent', 'permanent'],
  ['a refusal', new RejectedError('no', {status: 403, detail: ''}), 'permanent', 'permanent'],
  [
    'a statement that the database refused',
    new SqlError('no', {sqlState: '42P01', line: 1, words: 'no'}),
    'permanent',
    'permanent',
  ],
  ['an answer against the contract', new ContractError('odd'), 'permanent', 'ambiguous'],
  ['a request that never left', new UnavailableError('down', {mayHaveExecuted: false}), 'transient', 'transient'],
  ['a request without an answer', new UnavailableError('down', {mayHaveExecuted: true}), 'transient', 'ambiguous'],
  ['a run that was cut off', new InterruptedError('stopped'), 'transient', 'ambiguous'],
  [
    'a run that was cut off before it sent anything',
    new InterruptedError('stopped', {mayHaveExecuted: false}),
    'transient',
    'transient',
  ],
  ['a bug', new TypeError('x is not a function'), 'transient', 'ambiguous'],
  ['something that is no error', undefined, 'transient', 'ambiguous'],
]

describe('dispositionOf', () => {
  for (const [what, error, idempotent, otherwise] of rows) {
    it(`takes ${what} for ${idempotent}, and for ${otherwise} where the run may not be repeated`, () => {
      assert.deepEqual([dispositionOf(error, true), dispositionOf(error, false)], [idempotent, otherwise])
    })
  }
})
