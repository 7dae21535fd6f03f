import assert from 'node:assert/strict'
import {parseEnvironmentName} from '../../../deploy/catalogue/environments.ts'
import {createReplayActions} from '../../../deploy/console/replay-actions.ts'
import {readDeadLetters} from '../../../deploy/dead-letters/load-dead-letters.ts'
import {formatReplayPreview, previewReplays} from '../../../deploy/dead-letters/replay-preview.ts'
import type {ReceivedMessage} from '../../../deploy/environment/pull-subscription.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'
import {createMemoryLedger} from '../../support/memory-ledger.ts'
import {createNotedDeadLetter} from '../../support/received-message.ts'
import {createSampleJob} from '../../support/sample-job.ts'

describe('createReplayActions', () => {
  const job = createSampleJob({path: 'functions/daily/alerts.ts', schedule: '0 8 * * *', idempotent: false})
  const now = () => new Date('2026-11-26T12:00:00Z')
  const runId = 'daily-alerts@1'
  const unknown = (attempt: number, at: string) => [
    createEntry({runId, job: job.name, attempt, at, messageId: `m-${attempt}`}),
    createEntry({
      runId,
      job: job.name,
      attempt,
      at,
      messageId: `m-${attempt}`,
      event: 'failed',
      error: createFinalError('unknown outcome', '7'),
    }),
  ]
  const received = createNotedDeadLetter({
    id: '7',
    attributes: {job: job.name, runId},
    note: {job: job.name, runId, sourceTopic: job.topic, kind: 'unknown outcome', reason: 'no answer', attempt: 1},
  })

  function start() {
    const ledger = createMemoryLedger()
    ledger.entries.push(...unknown(1, '2026-11-26T08:00:00Z'))
    const published: Readonly<Record<string, string>>[] = []
    const session = {
      environment: parseEnvironmentName('local', {}),
      jobs: [job],
      ledger,
      now,
      signal: new AbortController().signal,
      publisher: {
        async publish(_topic: string, {attributes}: {attributes: Readonly<Record<string, string>>}) {
          published.push(attributes)
          return 'm-9'
        },
        close: async () => undefined,
      },
      queue: {
        peek: async () => ({deadLetters: [received], isBounded: false}),
        hold: <T>(
          _ids: readonly string[],
          _signal: AbortSignal,
          work: (leased: {
            deadLetters: readonly ReceivedMessage[]
            missing: readonly string[]
            acknowledge: (id: string) => Promise<void>
          }) => Promise<T>,
        ) => work({deadLetters: [received], missing: [], acknowledge: async () => undefined}),
      },
    }
    return {session, ledger, published, actions: createReplayActions(session, 'anna@desk')}
  }

  it('says what the command says of the same dead letter', async () => {
    const {session, actions} = start()
    const services = {...session, requestedBy: 'anna@desk', isForced: false}
    const [previewed] = await previewReplays(services, await readDeadLetters(session, [received]))
    assert.ok(previewed !== undefined)
    const {verdicts} = await actions.preview(['7'], false)
    assert.deepEqual(
      verdicts.map(({verdict, why}) => [verdict, why]),
      [['stays', previewed.why]],
    )
    const line = formatReplayPreview(previewed, parseEnvironmentName('stage', {}))
    assert.ok(line.startsWith(`7  ${runId}  would stay: ${previewed.why}`), line)
  })

  it('replays by force what was checked, once, and names the run', async () => {
    const {actions, published} = start()
    const {preview, verdicts} = await actions.preview(['7'], true)
    assert.equal(verdicts[0]?.verdict, 'goes')
    const [result] = await actions.replay(preview)
    assert.deepEqual([result?.state, result?.runId], ['done', runId])
    assert.equal(result?.since, '2026-11-26T08:00:00.001Z', 'right after the last entry that the ledger had')
    assert.deepEqual(
      published.map(({force}) => force),
      ['true'],
    )
    await assert.rejects(actions.replay(preview), {status: 409})
  })

  it('leaves what has become unknown once more since it was checked', async () => {
    const {actions, ledger, published} = start()
    const {preview} = await actions.preview(['7'], true)
    ledger.entries.push(createEntry({runId, job: job.name, attempt: 2, at: '2026-11-26T08:30:00Z', messageId: 'm-2'}))
    const [result] = await actions.replay(preview)
    assert.deepEqual([result?.state, result?.text], ['left', 'more has happened since the preview: preview again'])
    assert.deepEqual(published, [])
  })
})
