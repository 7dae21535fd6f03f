import assert from 'node:assert/strict'
import {replay} from '../../../deploy/dead-letters/replay.ts'
import type {ReplayOptions} from '../../../deploy/dead-letters/replay-options.ts'
import type {Session} from '../../../deploy/environment/session.ts'
import type {LedgerEntry} from '../../../lib/ledger/ledger-entry.ts'
import {doubtfulId, fourEntries, fourMessages} from '../../support/dead-letter-scene.ts'
import {createDeadLetterSession} from '../../support/dead-letter-session.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'
import {createNotedDeadLetter} from '../../support/received-message.ts'

type Scene = Parameters<typeof createDeadLetterSession>[0]
const four = {messages: fourMessages, entries: fourEntries}
const gone =
  'no dead letter 404: it was replayed or discarded already, or another command holds it (then it is back within a minute)'
const missing = `${gone}, or the id is mistyped: npm run dead-letters -- local`

/** @param end how the run of a replay ends, if it does. */
async function replayed(given: Scene, options: Partial<ReplayOptions>, end?: Partial<Omit<LedgerEntry, 'at'>>) {
  const scene = await createDeadLetterSession(given)
  const {ledger} = scene
  const publish: Session['publisher']['publish'] = async (topic, message) => {
    const id = await scene.session.publisher.publish(topic, message)
    const {runId = ''} = message.attributes
    if (end !== undefined) ledger.entries.push(createEntry({runId, attempt: 2, at: '2026-11-23T10:00:05Z', ...end}))
    return id
  }
  const session = {...scene.session, publisher: {...scene.session.publisher, publish}}
  const code = await replay(session, {
    environment: 'local',
    ids: [],
    filter: {},
    limit: undefined,
    wait: undefined,
    timeoutSeconds: 20,
    isForced: false,
    isConfirmed: false,
    json: false,
    dryRun: false,
    ...options,
  })
  const {acknowledged, published} = scene
  return {code, stdout: scene.stdout(), stderr: scene.stderr(), acknowledged, published}
}

describe('npm run replay', () => {
  it('publishes one as the same run, waits for its end, and says how it ended', async () => {
    const {code, stdout, stderr, acknowledged, published} = await replayed(
      four,
      {ids: ['77']},
      {
        event: 'succeeded',
        summary: 'in sync',
      },
    )
    assert.deepEqual([code, stderr, acknowledged], [0, '', ['77']])
    assert.match(
      stdout,
      /^↻ 77 {2}bootstrap@1 {2}published to manual-jobs as message message-1\n\n✔ succeeded in 0\.\d s: in sync$/,
    )
    assert.partialDeepStrictEqual(published, [
      {topic: 'manual-jobs', attributes: {runId: 'bootstrap@1', trigger: 'replay'}},
    ])
  })

  it('ends as the run does: failed, or partly done', async () => {
    const failed = await replayed(four, {ids: ['77']}, {event: 'failed', error: createFinalError('permanent', '99')})
    assert.equal(failed.code, 1)
    assert.match(failed.stdout, /✖ failed in .*: the API said no\n[\s\S]*dead letter +99/)
    assert.match(failed.stdout, /^ {2}logs +logs of bootstrap@1$/m)
    assert.equal((await replayed(four, {ids: ['77']}, {event: 'degraded'})).code, 3)
  })

  it('does not wait where it is told so, nor for several', async () => {
    const one = await replayed(four, {ids: ['77'], wait: false})
    assert.deepEqual([one.code, one.stdout.split('\n').length], [0, 1])
    const several = await replayed(four, {ids: ['77', '81']})
    assert.deepEqual([several.code, several.acknowledged], [0, ['77', '81']])
    assert.equal(several.stdout.split('\n').filter(line => line.startsWith('↻')).length, 2)
  })

  it('waits for several where it is told so, and says whose end each is', async () => {
    const {code, stdout} = await replayed(
      four,
      {ids: ['77', '81'], wait: true},
      {event: 'succeeded', summary: 'in sync'},
    )
    assert.equal(code, 0)
    assert.match(stdout, /\n\n77 {2}bootstrap@1\n✔ succeeded in [\s\S]*\n\n81 {2}bootstrap@\w+\n✔ succeeded in /)
  })

  it('waits for an end that comes later, as long as it is told to', async () => {
    const scene = await createDeadLetterSession(four)
    const history: typeof scene.ledger.history = async runId => {
      const entries = await scene.ledger.history(runId)
      // Asked before the replay, then twice while it is waited for.
      asked += 1
      if (asked === 3)
        scene.ledger.entries.push(createEntry({attempt: 2, event: 'succeeded', at: '2026-11-23T10:00:05Z'}))
      return entries
    }
    let asked = 0
    const session = {...scene.session, ledger: {...scene.ledger, history, historyOfDay: async () => undefined}}
    const options = {environment: 'local', filter: {}, limit: undefined, wait: true, timeoutSeconds: 60}
    const flags = {isForced: false, isConfirmed: false, json: false, dryRun: false}
    assert.equal(await replay(session, {...options, ...flags, ids: ['77']}), 0)
    assert.match(scene.stdout(), /✔ succeeded in /)
  })

  it('gives up waiting when the time is over; the run goes on', async () => {
    const {code, stderr, acknowledged} = await replayed(four, {ids: ['77'], timeoutSeconds: 0})
    assert.deepEqual([code, acknowledged], [1, ['77']])
    assert.match(
      stderr,
      /\nbootstrap@1: no outcome yet, the run goes on\. Follow it: npm run runs -- local bootstrap@1 --follow$/,
    )
  })

  it('does what it can of all, and says why the others stay', async () => {
    const {code, stdout, stderr, acknowledged} = await replayed(four, {})
    assert.deepEqual([code, stderr, acknowledged], [3, '', ['77', '81']])
    const lines = stdout.split('\n').map(line => line.slice(0, 70))
    assert.deepEqual(
      lines,
      [
        '↻ 77  bootstrap@1  published to manual-jobs as message message-1',
        '✖ 80  daily-alerts@2026-11-23T08:00Z  stays: its outcome is unknown, an',
        '  To replay anyway: npm run replay -- local 80 --force',
        '↻ 81  bootstrap  published to manual-jobs as message message-2, run boo',
        "  warning: it will fail again, today's bootstrap refuses it: the data (",
        "✖ 9  unknown job  stays: it can't be published again, it was published ",
      ].map(line => line.slice(0, 70)),
    )
  })

  it('takes the oldest of what a filter matches, up to the limit', async () => {
    assert.deepEqual((await replayed(four, {limit: 1, wait: false})).acknowledged, ['77'])
    assert.deepEqual((await replayed(four, {filter: {kind: 'unreadable'}, limit: 1, wait: false})).acknowledged, ['81'])
    const none = await replayed(four, {filter: {job: 'org-sync-all'}})
    assert.deepEqual([none.code, none.stdout, none.stderr], [0, 'No dead letter matches: nothing to replay.', ''])
  })

  it('says what to check when an unknown outcome is forced, and of nothing else', async () => {
    const {stderr, acknowledged, published} = await replayed(four, {ids: ['77', doubtfulId], isForced: true})
    assert.deepEqual(acknowledged, ['77', '80'])
    assert.match(stderr, /^80, forced: Check what was sent: npm run sandbox -- notifications/)
    assert.doesNotMatch(stderr, /77/)
    assert.partialDeepStrictEqual(published[1]?.attributes, {force: 'true', checkedAttempt: '1'})
    assert.equal((await replayed(four, {ids: ['77', '81'], isForced: true})).stderr, '')
  })

  it('says of what is not there, or held by another command, that it is missing', async () => {
    const one = await replayed(four, {ids: ['77', '404'], wait: false})
    assert.deepEqual([one.code, one.stderr, one.acknowledged], [3, missing, ['77']])
    const none = await replayed(four, {ids: ['404']})
    assert.deepEqual([none.code, none.stdout, none.stderr], [1, '', missing])
    const held = await replayed({...four, held: ['77']}, {limit: 1})
    assert.deepEqual([held.code, held.stdout, held.published], [1, '', []])
    assert.match(held.stderr, /^At least 4: another command holds one of them.*\nno dead letter 77: /)
  })

  it('tells what another command took between the choice and the lease', async () => {
    const scene = await createDeadLetterSession(four)
    const {queue} = scene.session
    let holds = 0
    const hold: typeof queue.hold = (ids, signal, work) => {
      holds += 1
      return holds === 1
        ? queue.hold(ids, signal, work)
        : queue.hold(
            ids.filter(id => id !== '77'),
            signal,
            leased => work({...leased, missing: ['77']}),
          )
    }
    const options = {environment: 'local', filter: {}, limit: undefined, wait: false, timeoutSeconds: 1}
    const flags = {isForced: false, isConfirmed: false, json: false, dryRun: false}
    const code = await replay({...scene.session, queue: {...queue, hold}}, {...options, ...flags, ids: ['77', '81']})
    assert.deepEqual([code, scene.acknowledged, scene.published.length], [3, ['81'], 1])
    assert.match(
      scene.stdout(),
      /^✖ 77 {2}bootstrap@1 {2}stays: no dead letter 77: it was replayed or discarded already/,
    )
  })

  it('says to a person what it would do with each', async () => {
    const succeeded = createEntry({event: 'succeeded', attempt: 2, at: '2026-11-23T09:05:00Z'})
    const {stdout} = await replayed({messages: fourMessages, entries: [...fourEntries, succeeded]}, {dryRun: true})
    const lines = stdout.split('\n')
    assert.equal(
      lines[0],
      '77  bootstrap@1  would be cleared, nothing runs: the run has succeeded since, at 2026-11-23T09:05:00.000Z',
    )
    assert.match(
      lines[1] ?? '',
      /^80 {2}daily-alerts@\S+ {2}would stay: its outcome is unknown, and the job isn't idem/,
    )
    assert.equal(lines[2], '  To replay anyway: npm run replay -- local 80 --force')
    assert.match(lines[3] ?? '', /^81 {2}bootstrap {2}would be published to manual-jobs \(it will fail again, today's/)
    assert.match(lines[4] ?? '', /^9 {2}unknown job {2}would stay: it can't be published again/)
    assert.deepEqual(lines.slice(5), ['Dry run: nothing was published.'])
  })

  it('says to a program what it would do with each', async () => {
    const succeeded = createEntry({event: 'succeeded', attempt: 2, at: '2026-11-23T09:05:00Z'})
    const scene = {messages: fourMessages, entries: [...fourEntries, succeeded]}
    const {replays} = JSON.parse((await replayed(scene, {dryRun: true, json: true})).stdout)
    const nothing = {topic: null, attributes: null}
    assert.partialDeepStrictEqual(replays, [
      {deadLetter: '77', job: 'bootstrap', runId: 'bootstrap@1', would: 'clear', ...nothing},
      {deadLetter: '80', job: 'daily-alerts', would: 'refuse', ...nothing},
      {deadLetter: '81', job: 'bootstrap', runId: null, would: 'publish', topic: 'manual-jobs'},
      {deadLetter: '9', job: null, runId: null, would: 'refuse', ...nothing},
    ])
    assert.match(replays[0].reason, /^the run has succeeded since/)
    assert.match(replays[2].reason, /^it will fail again/)
    assert.equal(replays[2].attributes.trigger, 'replay')
    const [plain] = JSON.parse((await replayed(four, {dryRun: true, json: true, ids: ['77']})).stdout).replays
    assert.equal(plain.reason, null)
    const held = JSON.parse(
      (await replayed({...four, held: ['77']}, {dryRun: true, json: true, ids: ['77']})).stdout,
    ).replays
    assert.partialDeepStrictEqual(held, [{would: 'refuse', reason: gone.replace('404', '77')}])
    const asText = await replayed({...four, held: ['77']}, {dryRun: true, ids: ['77']})
    assert.doesNotMatch(asText.stdout, /anyway/)
  })

  it('previews what a filter matches, within the limit', async () => {
    const {stdout} = await replayed(four, {dryRun: true, filter: {kind: 'unreadable'}, limit: 1})
    assert.deepEqual(
      stdout.split('\n').map(line => line.slice(0, 13)),
      ['81  bootstrap', 'Dry run: noth'],
    )
  })

  it('says of each to a program what became of it', async () => {
    const succeeded = createEntry({event: 'succeeded', attempt: 2, at: '2026-11-23T09:05:00Z'})
    const scene = {messages: fourMessages, entries: [...fourEntries, succeeded]}
    const {code, stdout} = await replayed(
      scene,
      {json: true, wait: true},
      {event: 'failed', error: createFinalError('permanent', '99')},
    )
    const {replays, exitCode} = JSON.parse(stdout)
    assert.deepEqual([code, exitCode], [3, 3])
    const none = {messageId: null, outcome: null, summary: null, nextDeadLetter: null}
    assert.partialDeepStrictEqual(replays, [
      {deadLetter: '77', job: 'bootstrap', runId: 'bootstrap@1', result: 'cleared', ...none},
      {deadLetter: '80', job: 'daily-alerts', runId: 'daily-alerts@2026-11-23T08:00Z', result: 'refused', ...none},
      {
        deadLetter: '81',
        runId: 'bootstrap@2',
        result: 'replayed',
        messageId: 'message-1',
        outcome: 'failed',
        summary: 'the API said no',
        nextDeadLetter: '99',
      },
      {deadLetter: '9', job: null, runId: null, result: 'refused', ...none},
    ])
    assert.match(replays[2].reason, /^it will fail again/)
    const early = JSON.parse((await replayed(four, {json: true, ids: ['77'], wait: false})).stdout).replays
    assert.partialDeepStrictEqual(early, [{result: 'replayed', reason: null, ...none, messageId: 'message-1'}])
    const endless = JSON.parse((await replayed(four, {json: true, ids: ['77'], timeoutSeconds: 0})).stdout).replays
    assert.partialDeepStrictEqual(endless, [{result: 'replayed', outcome: null, summary: null, nextDeadLetter: null}])
  })

  it('waits for those that were replayed alone, and says what became of the others', async () => {
    const succeeded = createEntry({event: 'succeeded', attempt: 2, at: '2026-11-23T09:05:00Z'})
    const scene = {messages: fourMessages, entries: [...fourEntries, succeeded]}
    const {code, stdout, stderr} = await replayed(scene, {wait: true}, {event: 'succeeded', summary: 'in sync'})
    assert.equal(code, 3)
    assert.match(stdout, /^– 77 {2}bootstrap@1 {2}cleared, nothing runs: the run has succeeded since/)
    assert.match(stdout, /\n\n81 {2}bootstrap@2\n✔ succeeded in \d+\.\d s: in sync$/)
    assert.equal(stdout.match(/ in \d+\.\d s: /g)?.length, 1)
    assert.doesNotMatch(stderr, /no outcome yet/)
  })

  it('forces what has an unknown outcome of a job that has left the project, with nothing to check', async () => {
    const gone = createNotedDeadLetter({
      note: {job: 'gone', runId: 'gone@1', kind: 'unknown outcome', attempt: 1},
      attributes: {job: 'gone'},
    })
    const {stderr, published} = await replayed({messages: [gone]}, {ids: ['77'], isForced: true, wait: false})
    assert.equal(stderr, '')
    assert.equal(published.length, 1)
    const known = createNotedDeadLetter({note: {kind: 'unknown outcome', attempt: 1}})
    assert.equal((await replayed({messages: [known]}, {ids: ['77'], isForced: true, wait: false})).stderr, '')
    const alerts = createNotedDeadLetter({
      note: {job: 'daily-alerts', runId: 'daily-alerts@1', sourceTopic: 'cloudact-daily-alerts'},
      attributes: {job: 'daily-alerts'},
    })
    assert.equal((await replayed({messages: [alerts]}, {ids: ['77'], isForced: true, wait: false})).stderr, '')
  })

  it('previews, and publishes nothing', async () => {
    const all = await replayed(four, {dryRun: true})
    assert.deepEqual([all.code, all.stderr, all.published, all.acknowledged], [0, '', [], []])
    assert.equal(all.stdout.split('\n').at(-1), 'Dry run: nothing was published.')
    const one = await replayed(four, {ids: ['77', '404'], dryRun: true})
    assert.deepEqual([one.code, one.stderr], [1, missing])
    assert.equal(one.stdout, '77  bootstrap@1  would be published to manual-jobs\nDry run: nothing was published.')
    const {code, stdout} = await replayed(four, {ids: ['77', '404'], dryRun: true, json: true})
    const {replays, ...rest} = JSON.parse(stdout)
    assert.deepEqual([code, rest], [1, {environment: 'local', dryRun: true, missing: ['404']}])
    assert.partialDeepStrictEqual(replays, [{deadLetter: '77', would: 'publish'}])
  })

  it('answers a program on standard output, and a person beside it', async () => {
    const {code, stdout, stderr} = await replayed(
      four,
      {ids: ['77', '404'], json: true, wait: true},
      {
        event: 'succeeded',
        summary: 'in sync',
      },
    )
    assert.equal(code, 3)
    assert.deepEqual(JSON.parse(stdout), {
      environment: 'local',
      project: 'cloudact-local',
      replays: [
        {
          deadLetter: '77',
          job: 'bootstrap',
          runId: 'bootstrap@1',
          result: 'replayed',
          reason: null,
          messageId: 'message-1',
          outcome: 'succeeded',
          summary: 'in sync',
          nextDeadLetter: null,
        },
      ],
      missing: ['404'],
      exitCode: 3,
    })
    assert.match(stderr, /^no dead letter 404.*\n↻ 77 /)
    const none = await replayed({}, {json: true})
    assert.deepEqual([none.code, JSON.parse(none.stdout).replays, none.stderr], [0, [], ''])
  })

  it('asks in prod, with what it is about', async () => {
    const prod = {...four, environment: 'prod'}
    const no = await replayed({...prod, answer: 'no'}, {ids: ['77']})
    assert.deepEqual([no.code, no.stdout, no.published], [2, '', []])
    assert.match(
      no.stderr,
      /^ {2}id +run .*\n {2}77 .*\nReplay it in prod \(cloudact-prod\)\? Type "yes" to go on: \nNothing was published\.$/,
    )
    const yes = await replayed({...prod, answer: 'yes'}, {ids: ['77', '81']})
    assert.deepEqual([yes.code, yes.acknowledged], [0, ['77', '81']])
    assert.match(yes.stderr, /Replay these 2 in prod/)
    const confirmed = await replayed(prod, {ids: ['77'], wait: false, isConfirmed: true})
    assert.deepEqual([confirmed.code, confirmed.stderr], [0, ''])
    assert.equal((await replayed({environment: 'prod'}, {})).code, 0)
  })

  it('ends as interrupted when Ctrl-C came while it waited', async () => {
    const scene = await createDeadLetterSession({messages: [createNotedDeadLetter()]})
    const stop = new AbortController()
    const publish: Session['publisher']['publish'] = async (topic, message) => {
      const id = await scene.session.publisher.publish(topic, message)
      setImmediate(() => stop.abort())
      return id
    }
    const session = {...scene.session, signal: stop.signal, publisher: {...scene.session.publisher, publish}}
    const options = {environment: 'local', filter: {}, limit: undefined, wait: true, timeoutSeconds: 60}
    const flags = {isForced: false, isConfirmed: false, json: false, dryRun: false}
    assert.equal(await replay(session, {...options, ...flags, ids: ['77']}), 130)
    assert.deepEqual(scene.acknowledged, ['77'])
  })
})
