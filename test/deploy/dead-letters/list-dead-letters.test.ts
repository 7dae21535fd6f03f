import assert from 'node:assert/strict'
import type {DeadLetterFilter} from '../../../deploy/dead-letters/dead-letter-filter.ts'
import {list} from '../../../deploy/dead-letters/list-dead-letters.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {fourEntries, fourMessages} from '../../support/dead-letter-scene.ts'
import {createDeadLetterSession} from '../../support/dead-letter-session.ts'
import {createNotedDeadLetter} from '../../support/received-message.ts'

type Scene = Parameters<typeof createDeadLetterSession>[0]
const four = {messages: fourMessages, entries: fourEntries}
const unread =
  'Pub/Sub gave up after 10 deliveries, and no function can read it: the data (14 bytes) is not JSON: it starts with no JSON at all'
const foreign = 'it was published to dead-letters directly: nothing says which topic it is meant for'

async function listOf(given: Scene, {filter = {}, json = false}: {filter?: DeadLetterFilter; json?: boolean} = {}) {
  const scene = await createDeadLetterSession(given)
  assert.equal(await list(scene.session, {environment: 'local', verb: 'list', json, filter}), 0)
  assert.deepEqual([scene.acknowledged, scene.published, scene.stderr()], [[], [], ''])
  return scene.stdout()
}

describe('npm run dead-letters', () => {
  it('lists all of them with the oldest first, a reason of its own once, and says what to type', async () => {
    assert.equal(
      await listOf(four),
      `4 dead letters in local (cloudact-local)

  id  run                             age     attempts  replays  reason
  77  bootstrap@1                     1 h     1         0        permanent        the API said no
  80  daily-alerts@2026-11-23T08:00Z  1 h     2         0        unknown outcome  it broke off after 12 s
  81  bootstrap                       1 h     0         0        unreadable       ${unread}
  9   unknown job                     30 min  0         0        unreadable       ${foreign}

Details: npm run dead-letters -- local show <id>
Replay:  npm run replay -- local <id…>   (or --all)
Discard: npm run dead-letters -- local discard <id…> --reason "…"   (or --all)
In the browser: npm run console -- local --open '/dead-letters'`,
    )
  })

  it('offers to discard before to replay where nothing can read them', async () => {
    const text = await listOf({messages: fourMessages.slice(2)})
    assert.deepEqual(text.split('\n').slice(-5, -1), [
      '',
      'Details: npm run dead-letters -- local show <id>',
      'Discard: npm run dead-letters -- local discard --all --kind unreadable --reason "…"   (or <id…>)',
      'Replay:  npm run replay -- local <id…> --dry-run   (says whether their jobs can read them today)',
    ])
  })

  it('counts as one reason what differs in numbers and run ids alone, the most frequent first', async () => {
    const messageOf = (id: string, reason: string) =>
      createNotedDeadLetter({id, note: {runId: `bootstrap@${id}`, reason}})
    const text = await listOf({
      messages: [
        messageOf('1', 'rare'),
        messageOf('2', 'after 12 s, request 01M8BRZ0R02389D107846A709D'),
        messageOf('3', 'after 7 s, request 01M8BKC3SRCA5455BED0398B2F'),
        messageOf('4', 'after B s, request 01M8BKC3SRCA5455BED0398B2F'),
      ],
    })
    assert.deepEqual(text.split('\n').slice(1, 4), [
      '  2 × permanent, bootstrap: after 12 s, request 01M8BRZ0R02389D107846A709D',
      '  1 × permanent, bootstrap: rare',
      '  1 × permanent, bootstrap: after B s, request 01M8BKC3SRCA5455BED0398B2F',
    ])
  })

  it('says of one that another command holds that there may be more', async () => {
    const lines = (await listOf({...four, held: ['77', '80', '81', '9']})).split('\n')
    assert.equal(lines[0], 'At least 2 dead letters in local (cloudact-local)')
    assert.match(lines[3] ?? '', /^ {2}77 .* permanent, not handed out +the API said no$/)
    assert.equal(
      lines[6],
      'At least 2: another command holds 2 of them, or it was taken out by hand (discard --absent settles that).',
    )
  })

  it('breaks at the width of the terminal', async () => {
    const lines = (await listOf({...four, held: ['77'], columns: 80})).split('\n')
    assert.ok(lines.every(line => line.length <= 80))
    const first = lines.findIndex(line => line.startsWith('At least 4: another'))
    assert.deepEqual(lines.slice(first - 1, first + 3), [
      '',
      'At least 4: another command holds one of them, or it was taken out by hand',
      '(discard --absent settles that).',
      '',
    ])
  })

  it('is one dead letter where it is one', async () => {
    assert.match(await listOf({messages: [createNotedDeadLetter()]}), /^1 dead letter in local/)
  })

  it('says that there are none only where ledger and Pub/Sub agree', async () => {
    const hint = "\nIn the browser: npm run console -- local --open '/dead-letters'"
    assert.equal(await listOf({}), `No dead letters in local (cloudact-local).${hint}`)
    const filter = {job: 'org-sync-all'}
    assert.equal(await listOf(four, {filter}), `No such dead letters in local (cloudact-local).${hint}`)
    // What another command holds is known not to match.
    assert.equal(
      await listOf({...four, held: ['77']}, {filter}),
      `No such dead letters in local (cloudact-local).${hint}`,
    )
  })

  it('says so where there are more than one command reads, whatever the filter', async () => {
    for (const [filter, first] of [
      [{}, 'At least 1 dead letter in local (cloudact-local)'],
      [{job: 'org-sync-all'}, 'No such dead letters in local (cloudact-local).'],
    ] as const) {
      const scene = await createDeadLetterSession({messages: [createNotedDeadLetter()]})
      const peek = async () => ({deadLetters: [createNotedDeadLetter()], isBounded: true})
      const session = {...scene.session, queue: {...scene.session.queue, peek}}
      await list(session, {environment: 'local', verb: 'list', json: false, filter})
      const lines = scene.stdout().split('\n')
      assert.equal(lines[0], first)
      assert.ok(lines.some(line => /^At least [01]: there are more than one command reads\.$/.test(line)))
    }
  })

  it('does not take a silent ledger for an empty one', async () => {
    const down = new UnavailableError('BigQuery is down', {mayHaveExecuted: false})
    for (const [json, expected] of [
      [
        false,
        /^Pub\/Sub hands out no dead letters in local \(cloudact-local\)\. There may be more: BigQuery is down\n/,
      ],
      [true, /^\{"environment":"local","project":"cloudact-local","isComplete":false,"trouble":"BigQuery is down",/],
    ] as const) {
      const scene = await createDeadLetterSession()
      const ledger = {...scene.ledger, since: () => Promise.reject(down)}
      await list({...scene.session, ledger}, {environment: 'local', verb: 'list', json, filter: {}})
      assert.match(scene.stdout(), expected)
    }
  })

  it('lists for a program, with null for what nothing tells', async () => {
    const answer = JSON.parse(await listOf({messages: fourMessages.slice(2)}, {json: true}))
    assert.deepEqual(answer, {
      environment: 'local',
      project: 'cloudact-local',
      isComplete: true,
      trouble: null,
      deadLetters: [
        {
          id: '81',
          isAvailable: true,
          deadLetteredAt: '2026-11-23T09:00:00.000Z',
          deadLetteredBy: 'Pub/Sub',
          job: 'bootstrap',
          runId: null,
          part: 1,
          kind: 'unreadable',
          reason: unread,
          error: null,
          sourceTopic: 'manual-jobs',
          attempt: 0,
          attempts: 0,
          replays: 0,
          firstAt: '2026-11-23T08:00:01.000Z',
          lastAt: '2026-11-23T09:00:00.000Z',
          messageId: null,
          ageSeconds: 3600,
        },
        {
          id: '9',
          isAvailable: true,
          deadLetteredAt: '2026-11-23T09:30:00.000Z',
          deadLetteredBy: 'unknown',
          job: null,
          runId: null,
          part: 1,
          kind: 'unreadable',
          reason: foreign,
          error: null,
          sourceTopic: null,
          attempt: 0,
          attempts: 0,
          replays: 0,
          firstAt: '2026-11-23T09:30:00.000Z',
          lastAt: '2026-11-23T09:30:00.000Z',
          messageId: null,
          ageSeconds: 1800,
        },
      ],
    })
    const {deadLetters} = JSON.parse(await listOf({messages: fourMessages.slice(0, 1)}, {json: true}))
    assert.partialDeepStrictEqual(deadLetters[0], {
      job: 'bootstrap',
      runId: 'bootstrap@1',
      error: 'RejectedError',
      sourceTopic: 'manual-jobs',
      messageId: 'm-1',
    })
  })

  it('selects by job, run, kind and age', async () => {
    const idsOf = async (filter: DeadLetterFilter) => {
      const {deadLetters} = JSON.parse(await listOf(four, {filter, json: true}))
      return deadLetters.map(({id}: {id: string}) => id)
    }
    assert.deepEqual(await idsOf({}), ['77', '80', '81', '9'])
    assert.deepEqual(await idsOf({job: 'bootstrap'}), ['77', '81'])
    assert.deepEqual(await idsOf({run: 'bootstrap@1'}), ['77'])
    assert.deepEqual(await idsOf({kind: 'unknown outcome'}), ['80'])
    assert.deepEqual(await idsOf({since: 3599}), ['9'])
    assert.deepEqual(await idsOf({since: 3600}), ['77', '80', '81', '9'])
  })
})
