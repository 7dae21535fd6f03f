import assert from 'node:assert/strict'
import {toPlain} from '../../../deploy/cli/plain-text.ts'
import type {StatusList} from '../../../deploy/list/find-status.ts'
import {formatNeeds} from '../../../deploy/list/needs.ts'
import type {Problem} from '../../../deploy/runs/open-problems.ts'
import {summarizeRuns} from '../../../deploy/runs/run-summary.ts'
import {createEntry} from '../../support/ledger-entry.ts'

const now = new Date('2026-11-26T12:00:00Z')
const degraded = (id: string, summary: string) => {
  const about = {runId: `org-sync-all@${id}`, job: 'org-sync-all', at: `2026-11-26T0${id}:00:00Z`}
  const entries = [createEntry(about), createEntry({...about, event: 'degraded', summary})]
  return summarizeRuns(entries, now).map(
    (run): Problem<typeof run> => ({run, reason: 'degraded', settledBy: undefined, hasDeadLetter: false}),
  )
}
const needs = (problems: StatusList['problems']) => {
  const nothing = {jobs: [], idleTriggers: [], otherDeadLetters: 0, isComplete: true, unknown: [], days: 40}
  return toPlain(formatNeeds({...nothing, problems}, 'local', undefined).join('\n'))
}
const repeat = 'npm run publish -- org-sync-all local --arg org=acme_inc'

describe('formatNeeds', () => {
  it('names a degraded run, what failed and the command that repeats it', () => {
    const text = needs(degraded('1', `1 of 12 organizations failed, 11 synced.\nRepeat just these: ${repeat}`))
    assert.equal(
      text,
      `1 thing needs you: degraded: org-sync-all, 1 of 12 organizations failed, 11 synced. Repeat just these: ${repeat}`,
    )
  })

  it('leads to the run where its summary names no command, and counts the others of its job', () => {
    const text = needs([...degraded('1', 'before'), ...degraded('2', '3 alerts were sent, but 1 failed')])
    assert.equal(
      text,
      '1 thing needs you: degraded: org-sync-all, 3 alerts were sent, but 1 failed: npm run runs -- local org-sync-all@2 (and 1 more: npm run runs -- local --failed --since 14d --job org-sync-all)',
    )
  })

  it('names a failed run only where no dead letter speaks for it', () => {
    const [first = assert.fail()] = degraded('1', 'the API said no')
    const failed = {...first, reason: 'failed'} as const
    assert.match(needs([failed]), /^1 thing needs you: failed: org-sync-all, the API said no: npm run runs -- local /)
    assert.equal(needs([{...failed, hasDeadLetter: true}]), 'Nothing needs you.')
  })

  it('has nothing where what went wrong was made up for', () => {
    const [first = assert.fail()] = degraded('1', 'x')
    assert.equal(needs([{...first, settledBy: first.run}]), 'Nothing needs you.')
  })
})
