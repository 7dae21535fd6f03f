import assert from 'node:assert/strict'
import {show} from '../../../deploy/dead-letters/show-dead-letter.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {fourEntries, fourMessages} from '../../support/dead-letter-scene.ts'
import {createDeadLetterSession} from '../../support/dead-letter-session.ts'
import {createEntry, createFinalError} from '../../support/ledger-entry.ts'
import {createMovedDeadLetter, createNotedDeadLetter} from '../../support/received-message.ts'

type Scene = Parameters<typeof createDeadLetterSession>[0]
const four = {messages: fourMessages, entries: fourEntries}

async function shown(id: string, given: Scene = four, json = false) {
  const scene = await createDeadLetterSession(given)
  const code = await show(scene.session, {environment: 'local', verb: 'show', id, json})
  assert.deepEqual([scene.acknowledged, scene.published], [[], []])
  return {code, stdout: scene.stdout(), stderr: scene.stderr()}
}
/** The lines below one of the headings. */
function below(heading: string, text: string): string[] {
  const lines = text.split('\n')
  const from = lines.indexOf(heading) + 1
  const to = lines.findIndex((line, index) => index >= from && !line.startsWith('  '))
  return lines.slice(from, to === -1 ? undefined : to)
}

describe('npm run dead-letters … show', () => {
  it('shows what it is, its message, its run’s history, and what to type', async () => {
    const {code, stdout, stderr} = await shown('77')
    assert.deepEqual([code, stderr], [0, ''])
    assert.equal(
      stdout,
      `Dead letter 77 in local (cloudact-local)
  job            bootstrap: Creates or syncs the BigQuery infrastructure that the API expects.
  run            bootstrap@1
  kind           permanent
  reason         the API said no
  error          RejectedError
  dead-lettered  2026-11-23 09:00:00 UTC, 1 h ago, by the function
  attempts       1, from 2026-11-23 08:58:00 to 2026-11-23 08:59:00 UTC
  replays        0
  topic          manual-jobs
  message        m-1
  idempotent     yes

Message
  job=bootstrap
  runId=bootstrap@1
  trigger=manual
  requestedBy=alice@desk
  {}

History of the run
  attempt  part  at (UTC)             duration  outcome             asked for by
  1        1     2026-11-23 08:58:00  –         failed (permanent)  alice@desk, manual  the API said no

What now
  replay   npm run replay -- local 77   (once the reason is fixed)
  discard  npm run dead-letters -- local discard 77 --reason "…"
  history  npm run runs -- local bootstrap@1
  logs     logs of bootstrap@1
In the browser: npm run console -- local --open '/dead-letters?ids=77'`,
    )
  })

  it('names what to check before one with an unknown outcome is replayed', async () => {
    const {stdout} = await shown('80')
    assert.match(
      stdout,
      /^ {2}job +daily-alerts: .*\n {2}run +daily-alerts@2026-11-23T08:00Z\n {2}kind +unknown outcome\n/m,
    )
    assert.match(stdout, /^ {2}idempotent +no$/m)
    const [check = '', ...steps] = below('What now', stdout)
    assert.match(
      check,
      /^ {2}check first +its outcome is unknown, and the job isn't idempotent\. Check what was sent: npm run sandbox -- notifications\. /,
    )
    assert.deepEqual(steps.slice(0, 2), [
      '  discard      npm run dead-letters -- local discard 80 --reason "…"   (if it was done)',
      '  replay       npm run replay -- local 80 --force   (only if it was not done)',
    ])
  })

  it('says what to check once, and what happened without it', async () => {
    const check = 'Check in BigQuery'
    const scene = await createDeadLetterSession()
    const {manualCheck = ''} = scene.session.jobs.find(({name}) => name === 'daily-alerts') ?? {}
    const reason = `Outcome unknown: it broke off. ${manualCheck} To run it again: checkedAttempt=1.`
    const note = {job: 'daily-alerts', runId: 'daily-alerts@1', sourceTopic: 'cloudact-daily-alerts', reason}
    const messages = [createNotedDeadLetter({note: {...note, kind: 'unknown outcome'}, attributes: {job: note.job}})]
    const error = {...createFinalError('unknown outcome', '77'), message: reason}
    const entries = [createEntry({job: note.job, runId: note.runId, event: 'failed', error})]
    const {stdout} = await shown('77', {messages, entries})
    assert.match(stdout, /^ {2}reason +Outcome unknown: it broke off\.$/m)
    assert.match(stdout, /failed \(unknown outcome\) .*Outcome unknown: it broke off\.$/m)
    assert.equal(stdout.split(check).length, 1)
    assert.equal(stdout.split('npm run sandbox -- notifications').length, 2)
    assert.doesNotMatch(stdout, /npm run replay …/)
  })

  it('shows data that is text line by line, and says what today’s job says of it', async () => {
    const {stdout} = await shown('81')
    assert.deepEqual(below('Message', stdout), ['  job=bootstrap', '  runId=bootstrap@2', '  no JSON', '  at all'])
    assert.match(
      stdout,
      /^ {2}replay +npm run replay -- local 81 {3}\(it will fail again, today's bootstrap refuses it: /m,
    )
    const [first = '', second = ''] = below('What now', stdout)
    assert.match(first, /^ {2}discard /)
    assert.match(second, /^ {2}replay /)
    assert.match(stdout, /History of the run\n {2}nothing in the run ledger\n/)
    assert.doesNotMatch(stdout, /npm run runs|logs of/)
  })

  it('shows what is no text as base64, and offers no replay where no topic is known', async () => {
    const {stdout} = await shown('9')
    assert.deepEqual(below('Message', stdout), ['  2 bytes, not UTF-8 text: base64 //4=…'])
    assert.deepEqual(below('What now', stdout), [
      "  no replay  it can't be published again, it was published to dead-letters directly: nothing says which topic it is meant for",
      '  discard    npm run dead-letters -- local discard 9 --reason "…"',
    ])
    assert.doesNotMatch(stdout, /^ {2}(job|run|idempotent) /m)
  })

  it('counts no attempt of what no function has executed, however often it was delivered', async () => {
    const {stdout} = await shown('81')
    assert.match(stdout, /^ {2}attempts +0, delivered from 2026-11-23 08:00:01 to 2026-11-23 09:00:00 UTC$/m)
  })

  it('names the part of a long run, and a job that has left the project', async () => {
    const note = {job: 'gone', runId: 'gone@1'}
    const message = createNotedDeadLetter({note, attributes: {job: 'gone', part: '3'}, data: ''})
    const {stdout} = await shown('77', {messages: [message]})
    assert.match(stdout, /^ {2}job +gone\n {2}run +gone@1\n {2}part +3\n/m)
    assert.deepEqual(below('Message', stdout), ['  job=gone', '  part=3', '  no data'])
    assert.match(stdout, /^ {2}replay +npm run replay -- local 77 {3}\(no job has its name, so it will come back\)$/m)
  })

  it('says that a replay only clears it where the run has succeeded since', async () => {
    const entries = [...fourEntries, createEntry({event: 'succeeded', at: '2026-11-23T09:05:00Z', attempt: 2})]
    const {stdout} = await shown('77', {messages: fourMessages, entries})
    assert.match(
      stdout,
      /^ {2}replay +npm run replay -- local 77 {3}\(clears it, nothing runs: the run has succeeded since, at 2026-11-23T09:05:00\.000Z\)$/m,
    )
  })

  it('offers no replay of one that another command holds, and says how to settle one that is gone', async () => {
    const {stdout} = await shown('77', {...four, held: ['77']})
    assert.deepEqual(below('Message', stdout), [
      '  not handed out by Pub/Sub: another command holds it, or it was taken out by hand',
    ])
    const [first = '', second] = below('What now', stdout)
    assert.match(first, /^ {2}no replay +no dead letter 77: it was replayed or discarded already, or another/)
    assert.equal(second, '  discard    npm run dead-letters -- local discard 77 --absent --reason "…"')
  })

  it('shows what Pub/Sub has where the ledger does not answer', async () => {
    const scene = await createDeadLetterSession(four)
    const down = new UnavailableError('BigQuery is down', {mayHaveExecuted: false})
    const ledger = {...scene.ledger, since: () => Promise.reject(down), history: () => Promise.reject(down)}
    const code = await show({...scene.session, ledger}, {environment: 'local', verb: 'show', id: '77', json: false})
    assert.equal(code, 0)
    assert.match(scene.stdout(), /History of the run\n {2}BigQuery is down\n/)
    assert.match(scene.stdout(), /^ {2}replay +npm run replay -- local 77 {3}\(once the reason is fixed\)$/m)
    const bug = {...scene.ledger, history: () => Promise.reject(new TypeError('a bug'))}
    await assert.rejects(
      show({...scene.session, ledger: bug}, {environment: 'local', verb: 'show', id: '77', json: false}),
      /a bug/,
    )
  })

  it('obeys no escape of a terminal in a message', async () => {
    const message = createMovedDeadLetter({
      subscription: 'cloudact-manual-bootstrap',
      attributes: {job: 'bootstrap', x: 'a\u001b[2Jb\nc'},
      data: '\u001b[31mred',
    })
    const {stdout} = await shown('78', {messages: [message]})
    assert.ok(!stdout.includes('\u001b'))
    assert.equal(below('Message', stdout).length, 3)
  })

  it('fails for an id that is not there, for a person and for a program', async () => {
    const missing =
      'no dead letter 404: it was replayed or discarded already, or another command holds it (then it is back within a minute), or the id is mistyped: npm run dead-letters -- local'
    assert.deepEqual(await shown('404'), {code: 1, stdout: '', stderr: missing})
    const {code, stdout} = await shown('404', four, true)
    assert.deepEqual([code, JSON.parse(stdout)], [1, {environment: 'local', error: missing}])
  })

  it('has the message and the history for a program', async () => {
    const {code, stdout} = await shown('77', four, true)
    const answer = JSON.parse(stdout)
    assert.equal(code, 0)
    assert.partialDeepStrictEqual(answer, {
      id: '77',
      ageSeconds: 3600,
      message: {attributes: {job: 'bootstrap', runId: 'bootstrap@1'}, text: '{}', base64: 'e30='},
    })
    assert.equal('original' in answer, false)
    assert.deepEqual(
      answer.history.map(({event}: {event: string}) => event),
      ['started', 'failed'],
    )
    const bytes = JSON.parse((await shown('9', four, true)).stdout)
    assert.partialDeepStrictEqual(bytes, {message: {text: null, base64: '//4='}, history: []})
  })
})
