import assert from 'node:assert/strict'
import {toDeadLetterDetail} from '../../../../deploy/console/views/dead-letter-detail.ts'
import {toDeadLetterRow} from '../../../../deploy/console/views/dead-letter-row.ts'
import {readDeadLetter} from '../../../../deploy/dead-letters/dead-letter.ts'
import {createNotedDeadLetter} from '../../../support/received-message.ts'
import {createSampleJob} from '../../../support/sample-job.ts'

const job = createSampleJob({idempotent: false, manualCheck: 'Check the mail.', sandboxCheck: 'Check the sandbox.'})

function detailOf(kind: 'permanent' | 'unreadable' | 'unknown outcome', projectId = 'cloudact-prod') {
  const deadLetter = readDeadLetter(createNotedDeadLetter({note: {kind}}), [job])
  const row = toDeadLetterRow(deadLetter, new Map())
  return toDeadLetterDetail(row, deadLetter, {job, environment: {name: 'prod', projectId}})
}

describe('toDeadLetterDetail', () => {
  const show = 'npm run dead-letters -- prod show 77'
  const discard = 'npm run dead-letters -- prod discard 77 --reason "…"'
  for (const [kind, commands] of [
    ['permanent', [show, 'npm run replay -- prod 77', discard]],
    ['unreadable', [show, discard, 'npm run replay -- prod 77']],
    ['unknown outcome', [show, discard, 'npm run replay -- prod 77 --force']],
  ] as const) {
    it(`has the commands for ${kind}, what is most likely right first`, () =>
      assert.deepEqual(detailOf(kind).commands, commands))
  }

  it('says what can be checked where the run was', () => {
    assert.equal(detailOf('unknown outcome').manualCheck, 'Check the mail.')
    assert.equal(detailOf('unknown outcome', 'cloudact-local').manualCheck, 'Check the sandbox.')
  })
})
