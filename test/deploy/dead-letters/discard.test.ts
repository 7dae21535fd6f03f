import assert from 'node:assert/strict'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import type {DeadLettersOptions} from '../../../deploy/dead-letters/dead-letters-options.ts'
import {discard, discardByIds} from '../../../deploy/dead-letters/discard.ts'
import type {DeadLetterQueue} from '../../../deploy/environment/dead-letter-queue.ts'
import type {Job} from '../../../lib/job/job.ts'
import {fourEntries, fourMessages} from '../../support/dead-letter-scene.ts'
import {createDeadLetterSession} from '../../support/dead-letter-session.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'
import {createMemoryLedger} from '../../support/memory-ledger.ts'
import {createNotedDeadLetter} from '../../support/received-message.ts'

describe('discardByIds', () => {
  const now = () => new Date('2026-11-23T10:00:00Z')
  const {signal} = new AbortController()
  let jobs: readonly Job[]
  before(async () => {
    jobs = await loadCatalogue()
  })

  /** A queue whose dead letters are these; another command has all that is asked for besides. */
  function createScene(...there: string[]) {
    const acknowledged: string[] = []
    const ledger = createMemoryLedger()
    ledger.entries.push(
      createEntry({at: '2026-11-23T08:00:00Z'}),
      createEntry({event: 'failed', at: '2026-11-23T08:01:00Z', error: createFinalError('permanent', '77')}),
    )
    const messages = there.map(id => createNotedDeadLetter({id}))
    const queue: DeadLetterQueue = {
      peek: async () => ({deadLetters: messages, isBounded: false}),
      hold: (ids, _, work) =>
        work({
          deadLetters: messages.filter(({id}) => ids.includes(id)),
          missing: ids.filter(id => !there.includes(id)),
          acknowledge: async id => void acknowledged.push(id),
        }),
    }
    return {session: {queue, ledger, jobs, signal, now}, ledger, acknowledged}
  }
  const discardsIn = (entries: readonly {event: string}[]) => entries.filter(({event}) => event === 'discarded').length

  it('records what it holds, then acknowledges it', async () => {
    const {session, ledger, acknowledged} = createScene('77')
    const told: string[] = []
    const onDiscarded = ({id}: {id: string}) => void told.push(id)
    const done = await discardByIds(session, ['77', '404'], {reason: 'x', onDiscarded})
    assert.deepEqual(done, {discarded: ['77'], missing: ['404']})
    assert.deepEqual([acknowledged, told, discardsIn(ledger.entries)], [['77'], ['77'], 1])
  })

  it('does nothing about one that another command holds: that one may be replaying it', async () => {
    const {session, ledger, acknowledged} = createScene()
    assert.deepEqual(await discardByIds(session, ['77'], {reason: 'x'}), {discarded: [], missing: ['77']})
    assert.deepEqual([acknowledged, discardsIn(ledger.entries)], [[], 0])
  })

  it('discards one that was taken out by hand where the operator says so', async () => {
    const {session, ledger, acknowledged} = createScene()
    const done = await discardByIds(session, ['77', '404'], {reason: 'x', isAbsentToo: true})
    assert.deepEqual(done, {discarded: ['77'], missing: ['404']})
    assert.deepEqual([acknowledged, discardsIn(ledger.entries)], [[], 1])
  })

  it('leaves one that is back by then to the next command', async () => {
    const {session, ledger} = createScene()
    const back = {...session.queue, peek: async () => ({deadLetters: [createNotedDeadLetter()], isBounded: false})}
    const done = await discardByIds({...session, queue: back}, ['77'], {reason: 'x', isAbsentToo: true})
    assert.deepEqual([done, discardsIn(ledger.entries)], [{discarded: [], missing: ['77']}, 0])
  })

  it('asks for no confirmation when there is nothing to discard', async () => {
    const {session} = createScene()
    const queue = {...session.queue, hold: () => assert.fail('nothing to hold')}
    const done = await discardByIds({...session, queue}, [], {reason: 'x'})
    assert.deepEqual(done, {discarded: [], missing: []})
  })
})

describe('npm run dead-letters … discard', () => {
  type Options = Extract<DeadLettersOptions, {verb: 'discard'}>
  const four = {messages: fourMessages, entries: fourEntries}
  const gone =
    'no dead letter 404: it was replayed or discarded already, or another command holds it (then it is back within a minute)'
  const missing = `${gone}, or the id is mistyped: npm run dead-letters -- local`
  const hint = '; if it was taken out by hand, and no other command runs, discard it with --absent'

  async function discarded(given: Parameters<typeof createDeadLetterSession>[0], options: Partial<Options>) {
    const scene = await createDeadLetterSession(given)
    const code = await discard(scene.session, {
      environment: 'local',
      verb: 'discard',
      json: false,
      ids: [],
      filter: {},
      limit: undefined,
      reason: 'of no use',
      isAbsentToo: false,
      isConfirmed: false,
      dryRun: false,
      ...options,
    })
    const {acknowledged, ledger} = scene
    const onRecord = ledger.entries.flatMap(({event, summary}) => (event === 'discarded' ? [summary ?? ''] : []))
    return {code, stdout: scene.stdout(), stderr: scene.stderr(), acknowledged, onRecord}
  }

  it('discards by id, on record, and says which were not there', async () => {
    const one = await discarded(four, {ids: ['77', '404']})
    assert.deepEqual(
      [one.code, one.stdout, one.stderr],
      [3, "77  bootstrap@1  discarded, on record in the run's history", missing + hint],
    )
    assert.deepEqual(one.acknowledged, ['77'])
    assert.match(one.onRecord.join(), /^discarded by \S+: of no use$/)
    assert.equal((await discarded(four, {ids: ['77']})).code, 0)
    assert.equal((await discarded(four, {ids: ['77'], isConfirmed: true})).code, 0)
    const none = await discarded(four, {ids: ['404'], isAbsentToo: true})
    assert.deepEqual([none.code, none.stdout, none.stderr, none.acknowledged], [1, '', missing, []])
  })

  it('discards what a filter matches, the oldest first, and names each by what is known of it', async () => {
    const all = await discarded(four, {})
    assert.deepEqual([all.code, all.stderr], [0, ''])
    assert.deepEqual(all.acknowledged, ['77', '80', '81', '9'])
    assert.deepEqual(
      all.stdout.split('\n').map(line => line.slice(0, 30)),
      [
        '77  bootstrap@1  discarded, on',
        '80  daily-alerts@2026-11-23T08',
        '81  bootstrap  discarded, on r',
        '9  unknown job  discarded, on ',
      ],
    )
    assert.deepEqual((await discarded(four, {limit: 2})).acknowledged, ['77', '80'])
    assert.deepEqual((await discarded(four, {filter: {kind: 'unknown outcome'}})).acknowledged, ['80'])
    const none = await discarded(four, {filter: {job: 'org-sync-all'}})
    assert.deepEqual([none.code, none.stdout], [0, 'No dead letter matches: nothing to discard.'])
  })

  it('answers a program, and only that', async () => {
    const {code, stdout} = await discarded(four, {ids: ['77', '404'], json: true})
    assert.deepEqual([code, JSON.parse(stdout)], [3, {environment: 'local', discarded: ['77'], missing: ['404']}])
    const none = await discarded({}, {json: true})
    assert.deepEqual([none.code, JSON.parse(none.stdout)], [0, {environment: 'local', discarded: [], missing: []}])
  })

  it('previews, and touches nothing', async () => {
    const one = await discarded(four, {ids: ['77', '404'], dryRun: true})
    assert.deepEqual(
      [one.code, one.stdout, one.stderr],
      [
        1,
        '77  bootstrap@1  would be discarded (permanent: the API said no)\nDry run: nothing was discarded.',
        missing + hint,
      ],
    )
    const all = await discarded(four, {dryRun: true, filter: {kind: 'unreadable'}, limit: 2})
    assert.equal(all.code, 0)
    assert.deepEqual(
      all.stdout.split('\n').map(line => line.slice(0, 44)),
      [
        '81  bootstrap  would be discarded (unreadable',
        '9  unknown job  would be discarded (unreadab',
        'Dry run: nothing was discarded.',
      ].map(line => line.slice(0, 44)),
    )
    const {code, stdout} = await discarded(four, {dryRun: true, json: true, filter: {since: 3599}})
    const reason = 'it was published to dead-letters directly: nothing says which topic it is meant for'
    assert.deepEqual(
      [code, JSON.parse(stdout)],
      [
        0,
        {
          environment: 'local',
          dryRun: true,
          wouldDiscard: [{deadLetter: '9', job: null, runId: null, kind: 'unreadable', reason}],
          missing: [],
        },
      ],
    )
    const known = JSON.parse((await discarded(four, {dryRun: true, json: true, ids: ['77']})).stdout)
    assert.partialDeepStrictEqual(known.wouldDiscard[0], {job: 'bootstrap', runId: 'bootstrap@1'})
    for (const {acknowledged, onRecord} of [one, all]) assert.deepEqual([acknowledged, onRecord], [[], []])
  })

  it('previews what would be done: nothing of what another command holds, unless it is asked for', async () => {
    const held = {...four, held: ['77']}
    for (const options of [{ids: ['77']}, {filter: {kind: 'permanent'}}] as const) {
      const one = await discarded(held, {...options, dryRun: true})
      assert.deepEqual(
        [one.code, one.stdout, one.stderr],
        [1, 'Dry run: nothing was discarded.', ('ids' in options ? missing : gone).replace('404', '77') + hint],
      )
      const absent = await discarded(held, {...options, dryRun: true, isAbsentToo: true})
      assert.deepEqual([absent.code, absent.stderr], [0, ''])
      assert.match(absent.stdout, /^77 {2}bootstrap@1 {2}would be discarded/)
    }
    const done = await discarded(held, {limit: 2})
    assert.deepEqual([done.code, done.acknowledged, done.stderr], [3, ['80'], gone.replace('404', '77') + hint])
  })

  it('asks in prod, with what it is about where that was not named', async () => {
    const prod = {...four, environment: 'prod'}
    const named = await discarded({...prod, answer: 'no'}, {ids: ['77', '80']})
    assert.deepEqual([named.code, named.stdout, named.acknowledged, named.onRecord], [2, '', [], []])
    assert.equal(named.stderr, 'Discard 77, 80 in prod (cloudact-prod)? Type "yes" to go on: \nNothing was discarded.')
    const matched = await discarded({...prod, answer: 'yes'}, {limit: 2})
    assert.deepEqual([matched.code, matched.acknowledged], [0, ['77', '80']])
    assert.match(matched.stderr, /^ {2}id +run [\s\S]*\n {2}80 .*\nDiscard these 2 in prod \(cloudact-prod\)\? Type/)
    assert.doesNotMatch(matched.stderr, /^ {2}81/m)
    const confirmed = await discarded(prod, {ids: ['77'], isConfirmed: true})
    assert.deepEqual([confirmed.code, confirmed.stderr, confirmed.acknowledged], [0, '', ['77']])
    const nothing = await discarded({environment: 'prod'}, {})
    assert.deepEqual([nothing.code, nothing.stderr], [0, ''])
  })
})
