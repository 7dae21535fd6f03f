import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import * as z from 'zod'
import {loadCatalogue} from '../../../deploy/catalogue/catalogue.ts'
import {writeSandboxFile} from '../../../deploy/local/sandbox-file.ts'
import {noteServed} from '../../../deploy/local/served-since.ts'
import type {Job} from '../../../lib/job/job.ts'
import {slotRunId} from '../../../lib/job/run-id.ts'
import {slotsBetween} from '../../../lib/run/slot.ts'
import {createMovedClock, type MovedClock} from '../../support/moved-clock.ts'
import {toPushBody} from '../../support/push-delivery.ts'
import {startTestSandbox, type TestSandbox, until} from '../../support/test-sandbox.ts'
import {typeCommand} from '../../support/type-command.ts'

const resultSchema = z.object({
  dryRun: z.boolean(),
  slots: z.array(
    z.object({job: z.string(), runId: z.string(), action: z.enum(['run', 'skip']), outcome: z.string().nullable()}),
  ),
})

/** A Monday, 10:00: the sandbox was away for a week, in which a month began. */
const deployedAt = new Date('2026-11-30T09:00:30Z')
const now = '2026-12-07T10:00:00Z'

describe('catch-up in the sandbox, after a week without a scheduler', function () {
  this.timeout(120_000)
  let sandbox: TestSandbox
  let folder: string
  let clock: MovedClock
  let scheduled: readonly (Job & {schedule: string})[]

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'catch-up-'))
    clock = await createMovedClock(now, folder)
    clock.move()
    const jobs = await loadCatalogue()
    scheduled = jobs.flatMap(job => (job.schedule === undefined ? [] : [{...job, schedule: job.schedule}]))
    sandbox = await startTestSandbox({jobs, functionEnv: clock.functionEnv})
    await writeSandboxFile(folder, sandbox.addresses)
    assert.equal((await sandbox.run('bootstrap', 'first')).event, 'succeeded')
    await noteServed(folder, jobs, deployedAt)
  })
  beforeEach(() => clock.move())
  afterEach(() => clock.restore())
  after(async () => {
    await sandbox.stop()
    await rm(folder, {recursive: true})
  })
  const type = (line: string, input?: string) =>
    typeCommand(line, {sandboxFolder: folder, ...(input === undefined ? {} : {input})})

  /** Run ids of all missed slots, and of those that the declaration wants to run. */
  function expected(): {all: string[]; run: string[]} {
    const ids = scheduled.map(job => {
      // A slot is late for an hour before it counts as missed.
      const until = new Date(Date.parse(now) - 3_600_000 + 1)
      const slots = slotsBetween(job.schedule, deployedAt, until).map(slot => slotRunId(job.name, slot))
      const run = slots.filter((id, index) => {
        if (job.missed === 'each') return true
        if (job.missed === 'latest') return index === slots.length - 1
        return job.missed === 'today' && id.includes('@2026-12-07')
      })
      return {slots, run}
    })
    return {all: ids.flatMap(({slots}) => slots).sort(), run: ids.flatMap(({run}) => run).sort()}
  }

  it('shows what was missed and what it would do, and does nothing in a dry run or without a yes', async () => {
    const {code, stdout} = await type('npm run catch-up -- local --dry-run')
    assert.equal(code, 0)
    const {all, run} = expected()
    assert.match(stdout, new RegExp(`^${all.length} slots of ${scheduled.length} jobs missed in local`))
    assert.match(stdout, /2026-12-01 00:05Z +monthly-quota-reset +skip\s+its day is over: 2026-12-01/)
    assert.match(stdout, /2026-12-06 01:00Z +daily-quota-cleanup +skip\s+superseded by 2026-12-07T01:00Z/)
    assert.match(stdout, /2026-12-07 08:00Z +daily-alerts +run/)
    assert.match(stdout, new RegExp(`${run.length} runs to publish, .*; ${all.length - run.length} slots to record`))
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80 || line.startsWith(`${run.length} runs`), line)
    const refused = await type('npm run catch-up -- local', 'no')
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /Nothing was published or recorded/)
    await assert.rejects(type('npm run catch-up -- local'), /no terminal to ask on: add --yes/)
    for (const id of all) assert.deepEqual(await sandbox.ledger.history(id), [])
  })

  it('is named by list, runs and doctor', async () => {
    assert.match((await type('npm run list -- local')).stdout, /missed runs of .*npm run catch-up -- local/)
    assert.match((await type('npm run runs -- local')).stdout, /npm run catch-up -- local/)
    assert.match((await type('npm run doctor -- local')).stdout, /missed slots .*\n.*npm run catch-up -- local/)
  })

  it('refuses a job without a schedule', async () => {
    await assert.rejects(type('npm run catch-up -- local --job bootstrap'), /bootstrap has no schedule/)
  })

  it('makes up for one job alone, by any of its names', async () => {
    const {code, stdout} = await type('npm run catch-up -- local --job stale --yes --json')
    assert.equal(code, 0)
    const {slots} = resultSchema.parse(JSON.parse(stdout))
    assert.deepEqual(
      slots.map(({runId, outcome}) => `${runId} ${outcome}`),
      [1, 2, 3, 4, 5, 6, 7].map(
        day => `daily-stale-cleanup@2026-12-0${day}T02:00Z ${day === 7 ? 'succeeded' : 'skipped'}`,
      ),
    )
  })

  it('runs each slot once as declared, also when the late fires arrive beside it', async () => {
    const {all, run} = expected()
    const late = scheduled.flatMap(job => lateFires(job))
    const [{code, stdout}] = await Promise.all([type('npm run catch-up -- local --yes --json'), ...late])
    const {slots} = resultSchema.parse(JSON.parse(stdout))
    const wanted = new Set(run)
    for (const {runId, action} of slots) assert.equal(action, wanted.has(runId) ? 'run' : 'skip', runId)
    assert.ok(code === 0 || code === 3, stdout)

    for (const id of all) {
      const history = await until(`${id} is over`, async () => {
        const entries = await sandbox.ledger.history(id)
        return entries.some(({event}) => /^(succeeded|degraded|skipped|failed)$/.test(event)) ? entries : undefined
      })
      const ends = history.filter(({event}) => /^(succeeded|degraded|skipped|failed)$/.test(event))
      assert.equal(ends.length, 1, JSON.stringify(history, undefined, 1))
      assert.equal(ends[0]?.event === 'skipped', !wanted.has(id), `${id} ${ends[0]?.event}: ${ends[0]?.summary}`)
      assert.ok(history.filter(({event}) => event === 'started').length <= 1, id)
    }
  })

  it('finds nothing more to make up for', async () => {
    const {code, stdout} = await type('npm run catch-up -- local')
    assert.equal(code, 0)
    assert.match(stdout, /^Nothing was missed in local \(cloudact-local\) since 2026-11-30T10:0\dZ/)
    assert.doesNotMatch((await type('npm run list -- local')).stdout, /catch-up/)
  })

  /** The scheduler's messages of the week, all at once, as they come when deliveries were held up; and one of today. */
  function lateFires(job: Job & {schedule: string}): Promise<unknown>[] {
    const url = `${sandbox.functions.urlOf(job.functionName)}/projects/cloudact-local/topics/${job.topic}`
    const attributes = {job: job.name, trigger: 'schedule', requestedBy: 'scheduler'}
    const backlog = slotsBetween(job.schedule, deployedAt, new Date(now)).map(slot => {
      const publishTime = new Date(slot.getTime() + 700).toISOString()
      const body = toPushBody({data: '{}', messageId: `late-${job.name}-${slot.getTime()}`, publishTime, attributes})
      return fetch(url, {
        method: 'POST',
        headers: {'content-type': 'application/json'},
        body: JSON.stringify({...body, deliveryAttempt: 1}),
      }).then(response => response.arrayBuffer())
    })
    return [...backlog, sandbox.publish(job.topic, '{}', attributes)]
  }
})
