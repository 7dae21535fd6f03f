import assert from 'node:assert/strict'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {type DeadLetter, readDeadLetter} from '../../../deploy/dead-letters/dead-letter.ts'
import {discardDeadLetters} from '../../../deploy/dead-letters/discard-dead-letters.ts'
import {isFinal} from '../../../deploy/runs/run-progress.ts'
import {summarizeRun} from '../../../deploy/runs/run-summary.ts'
import {LostClaimError} from '../../../lib/errors/lost-claim-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import type {Job} from '../../../lib/job/job.ts'
import {ledgerEntrySchema} from '../../../lib/ledger/ledger-entry.ts'
import type {RunLedger} from '../../../lib/ledger/run-ledger.ts'
import {runStateOf} from '../../../lib/run/run-state.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'
import {createMemoryLedger} from '../../support/memory-ledger.ts'
import {createMovedDeadLetter, createNotedDeadLetter} from '../../support/received-message.ts'

const now = new Date('2026-11-23T10:00:00Z')

describe('discardDeadLetters', () => {
  let jobs: readonly Job[]
  before(async () => {
    jobs = await loadCatalogue()
  })

  async function discard(ledger: RunLedger, ...deadLetters: DeadLetter[]): Promise<string[]> {
    const acknowledged: string[] = []
    const leased = {acknowledge: async (id: string) => void acknowledged.push(id)}
    await discardDeadLetters(ledger, leased, deadLetters, {
      requestedBy: 'bob@desk',
      reason: 'too late',
      now: () => now,
      signal: new AbortController().signal,
      onDiscarded: () => undefined,
    })
    return acknowledged
  }
  const request = (trigger: 'manual' | 'schedule', messageId: string) => ({
    messageId,
    requestId: undefined,
    trigger,
    part: 1,
    checkedAttempt: 0,
    endedAttempt: 0,
    doubtfulAttempt: 0,
  })

  it('records who gave the run up and why, as what it is, and acknowledges the letter', async () => {
    const ledger = createMemoryLedger()
    const error = createFinalError('permanent', '77')
    ledger.entries.push(createEntry(), createEntry({event: 'failed', error}))
    assert.deepEqual(await discard(ledger, readDeadLetter(createNotedDeadLetter(), jobs)), ['77'])
    const entry = ledger.entries.at(-1)
    assert.ok(entry !== undefined && isFinal(entry))
    assert.doesNotThrow(() => ledgerEntrySchema.parse(entry))
    assert.equal(entry.summary, 'discarded by bob@desk: too late')
    assert.partialDeepStrictEqual(entry, {
      event: 'discarded',
      requestedBy: 'bob@desk',
      error: {kind: 'permanent', deadLetterId: '77'},
    })
    assert.match(entry.error?.message ?? '', /dead letter 77: the API said no/)
    const summary = summarizeRun(ledger.entries, now)
    assert.partialDeepStrictEqual(summary, {outcome: 'discarded', text: 'discarded by bob@desk: too late'})
    assert.equal(summary?.deadLetterId, undefined)
  })

  it('keeps a later delivery from running by itself, also where no attempt had ended', async () => {
    const histories = [
      [],
      [createEntry()],
      [createEntry(), createEntry({event: 'failed', error: {...createFinalError('permanent'), kind: undefined}})],
    ]
    const attributes = {job: 'bootstrap', runId: 'bootstrap@1'}
    for (const history of histories) {
      const ledger = createMemoryLedger()
      ledger.entries.push(...history)
      await discard(
        ledger,
        readDeadLetter(createMovedDeadLetter({subscription: 'cloudact-manual-bootstrap', attributes}), jobs),
      )
      for (const trigger of ['manual', 'schedule'] as const) {
        for (const messageId of ['m-1', 'another']) {
          assert.equal(runStateOf(ledger.entries, request(trigger, messageId), now).kind, 'finished')
        }
      }
    }
  })

  it('does not make a failure of a run that has succeeded', async () => {
    const ledger = createMemoryLedger()
    ledger.entries.push(createEntry(), createEntry({event: 'succeeded'}))
    assert.deepEqual(await discard(ledger, readDeadLetter(createNotedDeadLetter(), jobs)), ['77'])
    assert.equal(summarizeRun(ledger.entries, now)?.outcome, 'succeeded')
    assert.match(ledger.entries.at(-1)?.summary ?? '', /too late \(the run has succeeded already\)/)
  })

  it('records a dead letter whose job is unknown, too', async () => {
    const ledger = createMemoryLedger()
    const foreign = {id: '9', publishedAt: now, data: Buffer.from([255]), attributes: {}}
    assert.deepEqual(await discard(ledger, readDeadLetter(foreign, jobs)), ['9'])
    assert.partialDeepStrictEqual(ledger.entries[0], {runId: 'unknown@letter-9', job: 'unknown', args: {}})
  })

  it('takes the claim of a run that was never attempted, or finds that it has started', async () => {
    const ledger = createMemoryLedger()
    const attributes = {job: 'bootstrap', runId: 'bootstrap@1'}
    const moved = readDeadLetter(createMovedDeadLetter({subscription: 'cloudact-manual-bootstrap', attributes}), jobs)
    await discard(ledger, moved)
    assert.equal((await ledger.claim(createEntry({runId: 'bootstrap@1'}))).kind, 'taken')
    const started = createMemoryLedger()
    const late = {...started, history: async () => []}
    started.entries.push(createEntry({runId: 'bootstrap@1'}))
    await assert.rejects(discard(late, moved), /has just started/)
  })

  it('acknowledges nothing before its claim can be read: that may still become another one’s', async () => {
    const attributes = {job: 'bootstrap', runId: 'bootstrap@1'}
    const moved = readDeadLetter(createMovedDeadLetter({subscription: 'cloudact-manual-bootstrap', attributes}), jobs)
    const lost = Promise.reject(new LostClaimError('claimed elsewhere'))
    lost.catch(() => undefined)
    const ledger = {...createMemoryLedger(), claim: async () => ({kind: 'claimed' as const, written: lost})}
    const acknowledged: string[] = []
    const leased = {acknowledge: async (id: string) => void acknowledged.push(id)}
    const options = {requestedBy: 'x', reason: 'y', now: () => now, signal: new AbortController().signal}
    await assert.rejects(
      discardDeadLetters(ledger, leased, [moved], {...options, onDiscarded: () => assert.fail('it is not')}),
      /has just started/,
    )
    assert.deepEqual(acknowledged, [])
  })

  it('keeps the arguments of what it discards, but for those that are too long or can’t be read', async () => {
    const argsOf = async (data: string) => {
      const ledger = createMemoryLedger()
      await discard(ledger, readDeadLetter(createNotedDeadLetter({data}), jobs))
      return ledger.entries[0]?.args
    }
    assert.deepEqual(await argsOf('{"forceSync":true}'), {forceSync: true})
    assert.deepEqual(await argsOf('no JSON'), {})
    const long = (length: number) => `{"a":"${'x'.repeat(length - 8)}"}`
    assert.deepEqual(Object.keys((await argsOf(long(20_000))) ?? {}), ['a'])
    assert.deepEqual(await argsOf(long(20_001)), {})
  })

  it('names the message that was dead-lettered, or the dead letter where nothing tells', async () => {
    const ledger = createMemoryLedger()
    const foreign = {id: '9', publishedAt: now, data: Buffer.from([255]), attributes: {}}
    await discard(ledger, readDeadLetter(createNotedDeadLetter(), jobs), readDeadLetter(foreign, jobs))
    assert.deepEqual(
      ledger.entries.map(({messageId}) => messageId),
      ['m-1', '9'],
    )
  })

  it('takes the first attempt’s claim where only commands were at work before', async () => {
    const ledger = createMemoryLedger()
    ledger.entries.push(createEntry({attempt: 0, event: 'duplicate'}))
    await discard(ledger, readDeadLetter(createNotedDeadLetter(), jobs))
    assert.equal(ledger.entries.at(-1)?.attempt, 1)
  })

  it('stops between two at Ctrl-C', async () => {
    const stop = new AbortController()
    const acknowledged: string[] = []
    const leased = {acknowledge: async (id: string) => void acknowledged.push(id)}
    const deadLetters = ['77', '78'].map(id =>
      readDeadLetter(createNotedDeadLetter({id, note: {runId: `bootstrap@${id}`}}), jobs),
    )
    const options = {requestedBy: 'x', reason: 'y', now: () => now, signal: stop.signal}
    const onDiscarded = () => stop.abort(new Error('interrupted'))
    await assert.rejects(
      discardDeadLetters(createMemoryLedger(), leased, deadLetters, {...options, onDiscarded}),
      /interrupted/,
    )
    assert.deepEqual(acknowledged, ['77'])
  })

  it('acknowledges nothing that it could not record', async () => {
    const acknowledged: string[] = []
    const ledger = {
      ...createMemoryLedger(),
      record: async () => {
        throw new UnavailableError('down', {mayHaveExecuted: true})
      },
      claim: async () => {
        throw new UnavailableError('down', {mayHaveExecuted: true})
      },
    }
    const leased = {acknowledge: async (id: string) => void acknowledged.push(id)}
    const options = {requestedBy: 'x', reason: 'y', now: () => now, signal: new AbortController().signal}
    const deadLetters = [readDeadLetter(createNotedDeadLetter(), jobs)]
    await assert.rejects(
      discardDeadLetters(ledger, leased, deadLetters, {...options, onDiscarded: () => undefined}),
      /down/,
    )
    assert.deepEqual(acknowledged, [])
  })
})
