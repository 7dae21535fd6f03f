import {createEntry, createFinalError} from './ledger-entry.ts'
import {createMovedDeadLetter, createNotedDeadLetter} from './received-message.ts'

export const doubtfulId = '80'
const alertsRun = 'daily-alerts@2026-11-23T08:00Z'

/**
 * Four dead letters of four kinds: 77 can be replayed; 80 has an unknown outcome; 81 was moved by Pub/Sub, unread; 9 was
 * published to `dead-letters` by somebody.
 */
export const fourMessages = [
  createNotedDeadLetter(),
  createNotedDeadLetter({
    id: doubtfulId,
    note: {
      runId: alertsRun,
      job: 'daily-alerts',
      sourceTopic: 'cloudact-daily-alerts',
      kind: 'unknown outcome',
      reason: 'it broke off after 12 s',
      attempt: 1,
      attempts: 2,
      messageId: 'm-80',
    },
    attributes: {job: 'daily-alerts'},
  }),
  createMovedDeadLetter({
    id: '81',
    subscription: 'cloudact-manual-bootstrap',
    attributes: {job: 'bootstrap', runId: 'bootstrap@2'},
    data: 'no JSON\nat all',
  }),
  {id: '9', publishedAt: new Date('2026-11-23T09:30:00Z'), data: Buffer.from([255, 254]), attributes: {}},
]

/** What the ledger knows of the first two. */
export const fourEntries = [
  createEntry({at: '2026-11-23T08:58:00Z', leaseUntil: new Date('2026-11-23T09:00:00Z')}),
  createEntry({event: 'failed', at: '2026-11-23T08:59:00Z', error: createFinalError('permanent', '77')}),
  createEntry({
    runId: alertsRun,
    job: 'daily-alerts',
    at: '2026-11-23T08:58:00Z',
    messageId: 'm-80',
    leaseUntil: new Date('2026-11-23T09:00:00Z'),
  }),
  createEntry({
    runId: alertsRun,
    job: 'daily-alerts',
    event: 'failed',
    at: '2026-11-23T08:59:00Z',
    messageId: 'm-80',
    error: {...createFinalError('unknown outcome', doubtfulId), message: 'it broke off after 12 s'},
  }),
]
