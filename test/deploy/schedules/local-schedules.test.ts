import assert from 'node:assert/strict'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {readPaused} from '../../../deploy/local/paused-schedules.ts'
import {createLocalSchedules} from '../../../deploy/schedules/local-schedules.ts'
import {createSampleJob} from '../../support/sample-job.ts'

describe('createLocalSchedules', () => {
  const scheduled = ['a-b', 'c-d'].map(name =>
    createSampleJob({path: `functions/daily/${name}.ts`, schedule: '0 8 * * *', secrets: []}),
  )
  const [first, second] = scheduled
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'triggers-'))
  })
  afterEach(() => rm(folder, {recursive: true}))

  const states = async () =>
    Object.fromEntries(await createLocalSchedules([...scheduled, createSampleJob()], folder).states())

  it('is off for all scheduled jobs where no sandbox fires them', async () => {
    assert.deepEqual(await states(), {'daily-a-b': 'off', 'daily-c-d': 'off'})
  })

  it('remembers what is paused, in a folder that need not be there yet', async () => {
    assert.ok(first !== undefined && second !== undefined)
    const fresh = join(folder, 'new')
    const schedules = createLocalSchedules(scheduled, fresh)
    await schedules.pause(second)
    await schedules.pause(first)
    await schedules.pause(first)
    assert.deepEqual([...(await readPaused(fresh))], ['daily-a-b', 'daily-c-d'])
    await schedules.resume(first)
    assert.deepEqual(Object.fromEntries(await schedules.states()), {'daily-a-b': 'off', 'daily-c-d': 'paused'})
  })

  it('fires nothing by a file that it can not read, and says which', async () => {
    for (const text of ['{', '{"daily-a-b":true}', '[1]']) {
      await writeFile(join(folder, 'paused.json'), text)
      await assert.rejects(
        readPaused(folder),
        /paused\.json is no list of jobs: remove it, and pause again what should be/,
      )
    }
  })
})
