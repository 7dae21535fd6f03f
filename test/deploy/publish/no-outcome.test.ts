import assert from 'node:assert/strict'
import {describeNoOutcome} from '../../../deploy/publish/no-outcome.ts'
import type {RunProgress} from '../../../deploy/runs/run-progress.ts'

const about = {
  environmentName: 'local',
  runId: 'bootstrap@1',
  timeoutSeconds: 90,
  seconds: 90.4,
  now: new Date('2026-11-23T08:00:00Z'),
  maxAttempts: 5,
  isTemporary: false,
  isInterrupted: false,
}
const running = {state: 'running', attempt: 4, part: 1, since: new Date(0), counts: {}} as const
const describeIt = (progress: RunProgress, more: Partial<typeof about> = {}) =>
  describeNoOutcome(progress, {...about, ...more}).split('\n')

describe('describeNoOutcome', () => {
  it('gives the last known reason, and what to do next', () => {
    assert.deepEqual(describeIt({...running, lastTrouble: 'bootstrap status: try 4 of 7 failed: HTTP 500'}), [
      'No outcome within 90 s: running, attempt 4, 90 s.',
      'The last failure: bootstrap status: try 4 of 7 failed: HTTP 500',
      'The run goes on.',
      'Follow it: npm run runs -- local bootstrap@1 --follow',
      'What may be in its way: npm run doctor -- local',
      'Its log lines: npm run logs -- local bootstrap@1',
      'To end it: npm run cancel -- local bootstrap@1',
    ])
  })

  it('does not say a reason twice', () => {
    const [first = '', second] = describeIt({...running, trouble: 'status: try 2 of 7 failed: HTTP 500'})
    assert.match(first, /HTTP 500, 90 s\.$/)
    assert.equal(second, 'The run goes on.')
  })

  it('names the causes where the ledger has nothing of the run', () => {
    const lines = describeIt({state: 'waiting'})
    assert.equal(lines[0], 'No outcome within 90 s: nothing of it is in the run ledger yet, 90 s.')
    assert.equal(lines[1], 'The run goes on as soon as its message is delivered.')
    assert.ok(lines.some(line => /may not reach the run ledger, and run unrecorded: npm run logs -- local /.test(line)))
    assert.equal(lines.at(-1), 'To end it: npm run cancel -- local bootstrap@1')
  })

  it('is short after Ctrl-C, and says that a sandbox of its own stops', () => {
    assert.deepEqual(describeIt(running, {isInterrupted: true}), [
      'Interrupted.',
      'The run goes on.',
      'Follow it: npm run runs -- local bootstrap@1 --follow',
    ])
    assert.equal(
      describeIt(running, {isTemporary: true})[1],
      'The sandbox stops with this command; the run goes on when it is started again.',
    )
  })
})
