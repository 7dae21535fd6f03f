import assert from 'node:assert/strict'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {readPaused} from '../../../deploy/local/paused-schedules.ts'
import {noteServed} from '../../../deploy/local/served-since.ts'
import {createLocalSchedules} from '../../../deploy/schedules/local-schedules.ts'
import {createSampleJob} from '../../support/sample-job.ts'

describe('createLocalSchedules', () => {
  const scheduled = ['a-b', 'c-d'].map(name =>
    createSampleJob({path: `functions/daily/${name}.ts`, schedule: '0 8 * * *', secrets: []}),
  )
  const [first, second] = scheduled
  const start = new Date('2026-11-23T10:00:00.000Z')
  let folder: string
  let moment = start
  const now = () => moment
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'triggers-'))
    moment = start
  })
  afterEach(() => rm(folder, {recursive: true}))

  const states = async () =>
    Object.fromEntries(await createLocalSchedules([...scheduled, createSampleJob()], folder, now).states())

  it('is off for all scheduled jobs where no sandbox fires them', async () => {
    assert.deepEqual(await states(), {'daily-a-b': 'off', 'daily-c-d': 'off'})
  })

  it('remembers what is paused, in a folder that need not be there yet', async () => {
    assert.ok(first !== undefined && second !== undefined)
    const fresh = join(folder, 'new')
    const schedules = createLocalSchedules(scheduled, fresh, now)
    await schedules.pause(second)
    await schedules.pause(first)
    await schedules.pause(first)
    assert.deepEqual([...(await readPaused(fresh)).keys()].sort(), ['daily-a-b', 'daily-c-d'])
    await schedules.resume(first)
    assert.deepEqual(Object.fromEntries(await schedules.states()), {'daily-a-b': 'off', 'daily-c-d': 'paused'})
  })

  it('knows since when a schedule has been paused, also where it was paused twice', async () => {
    assert.ok(first !== undefined && second !== undefined)
    const schedules = createLocalSchedules(scheduled, folder, now)
    await schedules.pause(first)
    moment = new Date('2026-11-24T10:00:00.000Z')
    await schedules.pause(first)
    await schedules.pause(second)
    assert.deepEqual(Object.fromEntries(await schedules.pausedSince()), {'daily-a-b': start, 'daily-c-d': moment})
    await schedules.resume(first)
    await schedules.pause(first)
    assert.deepEqual((await schedules.pausedSince()).get('daily-a-b'), moment)
  })

  it('reads what an earlier release paused, as paused ever since', async () => {
    await writeFile(join(folder, 'paused.json'), '["daily-a-b"]')
    assert.deepEqual(Object.fromEntries(await readPaused(folder)), {'daily-a-b': new Date(0)})
    assert.deepEqual(await states(), {'daily-a-b': 'paused', 'daily-c-d': 'off'})
  })

  it('knows when the sandbox first served each job', async () => {
    assert.ok(first !== undefined && second !== undefined)
    const {deployedSince} = createLocalSchedules(scheduled, folder, now)
    assert.equal((await deployedSince()).size, 0)
    await noteServed(folder, [first], start)
    const later = new Date('2026-11-24T10:00:00.000Z')
    await noteServed(folder, scheduled, later)
    assert.deepEqual(Object.fromEntries(await deployedSince()), {'daily-a-b': start, 'daily-c-d': later})
    await writeFile(join(folder, 'served-since.json'), '{"daily-a-b":')
    assert.equal((await deployedSince()).size, 0)
  })

  it('fires nothing by a file that it can not read, and says which', async () => {
    for (const text of ['{', '{"daily-a-b":true}', '{"daily-a-b":"yesterday"}', '[1]']) {
      await writeFile(join(folder, 'paused.json'), text)
      await assert.rejects(
        readPaused(folder),
        /paused\.json isn't a list of jobs: remove it, then pause again what should be paused/,
      )
    }
  })
})
