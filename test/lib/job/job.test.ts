import assert from 'node:assert/strict'
import {checkCatalogue, commandNames, defineJob, toJob} from '../../../lib/job/job.ts'
import {createDeclaration, createSampleJob} from '../../support/sample-job.ts'

const refused = (message: RegExp) => ({name: 'ConfigurationError', message})
const daily = {path: 'functions/daily/sample.ts', schedule: '0 8 * * *'}

describe('defineJob', () => {
  for (const schedule of [
    '0 8 * * *',
    '5 0 1 * *',
    '*/15 6-18 * * 1-5',
    '0 0 1,15 * *',
    '0 0 * JAN-MAR MON',
    '0 0 * * 7',
  ]) {
    it(`takes the schedule ${schedule}`, () => {
      assert.equal(defineJob(createDeclaration({schedule})).schedule, schedule)
    })
  }

  for (const schedule of [
    '',
    'daily',
    '@daily',
    '* * * *',
    '0 0 8 * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 8',
    '*/0 * * * *',
    '0 0 L * *',
    '0 0 15W * *',
    '0 0 * * MON#1',
    '0 0 ? * *',
    ' 0 8 * * *',
    '0 8 * * *\n',
    '2026-11-23T08:00:00',
  ]) {
    it(`refuses the schedule ${JSON.stringify(schedule)}`, () => {
      assert.throws(
        () => defineJob(createDeclaration({schedule})),
        refused(/schedule ".*" is no five-field cron expression/s),
      )
    })
  }

  it('refuses a schedule that never comes', () => {
    assert.throws(
      () => defineJob(createDeclaration({schedule: '0 0 31 2 *'})),
      refused(/schedule "0 0 31 2 \*" never comes/),
    )
  })

  for (const missed of ['each', 'latest', 'today', {never: 'the data of that day is gone'}] as const) {
    it(`takes what is right for missed slots: ${JSON.stringify(missed)}`, () => {
      assert.deepEqual(defineJob(createDeclaration({schedule: '0 8 * * *', missed})).missed, missed)
    })
  }

  it('refuses a schedule without a word on missed slots', () => {
    const {missed, ...declaration} = createDeclaration({schedule: '0 8 * * *'})
    assert.throws(() => defineJob(declaration), refused(/missed is absent: declare 'each', 'latest', 'today' or/))
  })

  it('refuses a word on missed slots without a schedule, and never without a reason', () => {
    assert.throws(() => defineJob(createDeclaration({missed: 'each'})), refused(/there is no schedule/))
    const missed = {never: ' '}
    assert.throws(
      () => defineJob(createDeclaration({schedule: '0 8 * * *', missed})),
      refused(/never, but without the reason/),
    )
  })

  for (const timeoutSeconds of [60, 540]) {
    it(`takes a timeout of ${timeoutSeconds} s`, () => {
      assert.equal(defineJob(createDeclaration({timeoutSeconds})).timeoutSeconds, timeoutSeconds)
    })
  }
  for (const timeoutSeconds of [541, 59, 0, -1, 60.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`refuses a timeout of ${timeoutSeconds} s`, () => {
      assert.throws(
        () => defineJob(createDeclaration({timeoutSeconds})),
        refused(/must be a whole number from 60 to 540/),
      )
    })
  }

  for (const shortcut of ['Quota', 'two words', 'a_b', '-a', 'a-', 'a--b', '1a', '']) {
    it(`refuses the shortcut ${JSON.stringify(shortcut)}`, () => {
      assert.throws(() => defineJob(createDeclaration({shortcuts: [shortcut]})), refused(/is not in kebab-case/))
    })
  }

  it('refuses a shortcut that is there twice', () => {
    assert.throws(() => defineJob(createDeclaration({shortcuts: ['a', 'b', 'a']})), refused(/: shortcut "a" twice$/))
  })

  it('tells everything that is wrong at once', () => {
    const declaration = createDeclaration({schedule: '@daily', timeoutSeconds: 600, shortcuts: ['A']})
    assert.throws(() => defineJob(declaration), refused(/schedule .*; timeoutSeconds is 600, .*; shortcut "A"/))
  })
})

describe('toJob', () => {
  it('refuses a schedule on a release job', () => {
    assert.throws(
      () => toJob('functions/manual/sample.ts', createDeclaration({schedule: '0 8 * * *'})),
      refused(/functions\/manual\/sample\.ts: a manual job has no schedule/),
    )
  })

  it('refuses a scheduled job without a schedule', () => {
    for (const group of ['daily', 'monthly']) {
      assert.throws(() => toJob(`functions/${group}/sample.ts`, createDeclaration()), refused(/needs a schedule/))
    }
  })

  it('gives a release job five deliveries, and a scheduled one ten', () => {
    assert.equal(createSampleJob().maxAttempts, 5)
    assert.equal(createSampleJob(daily).maxAttempts, 10)
  })

  it('gives a job all the time that there is, unless it says otherwise', () => {
    assert.equal(createSampleJob().timeoutSeconds, 540)
    assert.equal(createSampleJob({timeoutSeconds: 60}).timeoutSeconds, 60)
  })

  it('lets a job say by its arguments whether it may be repeated', () => {
    const job = createSampleJob({idempotent: args => args['org'] === 'acme'})
    assert.deepEqual([job.isIdempotent({org: 'acme'}), job.isIdempotent({})], [true, false])
    assert.equal(createSampleJob({idempotent: false}).isIdempotent({}), false)
  })
})

describe('commandNames', () => {
  it('has the name, the full names and the shortcuts, each once', () => {
    const job = createSampleJob({...daily, shortcuts: ['s', 'daily-sample']})
    assert.deepEqual(commandNames(job), ['daily-sample', 'cloudact-daily-sample', 's'])
  })
})

describe('checkCatalogue', () => {
  it('takes jobs that have nothing in common', () => {
    checkCatalogue([createSampleJob(), createSampleJob({...daily, shortcuts: ['s']})])
  })

  it('refuses a shortcut that another job has', () => {
    const jobs = [createSampleJob({shortcuts: ['s']}), createSampleJob({...daily, shortcuts: ['s']})]
    assert.throws(
      () => checkCatalogue(jobs),
      refused(/functions\/daily\/sample\.ts: "s" belongs to functions\/manual\/sample\.ts already/),
    )
  })

  it('refuses a shortcut that is another job’s name, and two jobs of one name', () => {
    assert.throws(
      () => checkCatalogue([createSampleJob(), createSampleJob({...daily, shortcuts: ['sample']})]),
      refused(/"sample" belongs to/),
    )
    assert.throws(
      () => checkCatalogue([createSampleJob(daily), createSampleJob({path: 'functions/manual/daily-sample.ts'})]),
      refused(/"daily-sample" belongs to/),
    )
  })
})
