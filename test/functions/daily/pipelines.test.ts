import assert from 'node:assert/strict'
import sinon from 'sinon'
import pipelines from '../../../functions/daily/pipelines.ts'
import {InterruptedError} from '../../../lib/errors/interrupted-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {runJob} from '../../support/job-run.ts'

const answer = {
  success: true,
  batch_run_id: 'b-1',
  orgs_processed: 5,
  orgs_skipped: 7,
  pipelines_triggered: 8,
  pipelines_failed: 0,
  pipelines_skipped_quota: 0,
  total_integrations: 8,
  results: [],
  errors: [],
  message: 'done',
}
const slot = '2026-11-26T06:00:00Z'
const now = '2026-11-26T06:00:02Z'
const calledAt = new Date(now)
const stop = AbortSignal.abort()
const nothingYet = {endedSince: async () => []}
const row = {
  ...answer,
  elapsed_seconds: 1200,
  triggered_at: new Date('2026-11-26T06:20:02Z'),
  startedAt: new Date('2026-11-26T06:00:02Z'),
  endedAt: new Date('2026-11-26T06:20:02Z'),
}

describe('daily-pipelines', () => {
  it('asks once for the day before its slot, said explicitly', async () => {
    const runPipelines = sinon.fake.resolves(answer)
    const {outcome} = await runJob(pipelines, {slot, now, api: {runPipelines}})
    sinon.assert.calledOnceWithExactly(runPipelines, {
      orgSlug: undefined,
      categories: undefined,
      providers: undefined,
      date: '2026-11-25',
      dryRun: false,
    })
    assert.deepEqual(outcome, {
      event: 'succeeded',
      summary: '8 of 8 pipelines of 2026-11-25 triggered, in 5 organizations',
      counts: {
        orgsProcessed: 5,
        orgsSkipped: 7,
        integrations: 8,
        pipelinesTriggered: 8,
        pipelinesFailed: 0,
        pipelinesOverQuota: 0,
        orgsFailed: 0,
      },
      errors: [],
      warnings: [],
    })
  })

  it('takes the day before a slot that was missed days ago, not before today', async () => {
    const runPipelines = sinon.fake.resolves(answer)
    await runJob(pipelines, {slot: '2026-11-22T06:00:00Z', now, api: {runPipelines}})
    assert.equal(runPipelines.firstCall.args[0].date, '2026-11-21')
  })

  it('passes its arguments on', async () => {
    const runPipelines = sinon.fake.resolves(answer)
    const args = {orgSlug: 'acme_inc', categories: ['cloud'], providers: ['GCP_SA'], date: '2026-11-01', dryRun: true}
    const {outcome} = await runJob(pipelines, {args, now, api: {runPipelines}})
    sinon.assert.calledOnceWithExactly(runPipelines, args)
    assert.match(outcome.summary, /^dry run: 8 of 8 pipelines of 2026-11-01 would be triggered/)
  })

  it('fails for a day that has not been, without a call', async () => {
    const {outcome} = await runJob(pipelines, {args: {date: '2026-11-27'}, now})
    assert.equal(outcome.event, 'failed')
  })

  it('is degraded by failed, over quota and broken ones, each by name and with how to repeat just these', async () => {
    const {outcome} = await runJob(pipelines, {
      slot,
      now,
      api: {
        runPipelines: sinon.fake.resolves({
          ...answer,
          pipelines_triggered: 1,
          pipelines_failed: 3,
          pipelines_skipped_quota: 1,
          results: [
            {org_slug: 'acme_inc', provider: 'GCP_SA', status: 'failed', http_status: 500, detail: 'no'},
            {org_slug: 'acme_inc', provider: 'OPENAI', status: 'triggered'},
            {org_slug: 'acme_inc', provider: 'AWS_ROLE', status: 'error', detail: 'unreachable'},
            {org_slug: 'globex_2025', provider: 'CLAUDE', status: 'quota_exceeded'},
          ],
          errors: [{org_slug: 'initech', error: 'No active API key found'}],
        }),
      },
    })
    assert.equal(outcome.event, 'degraded')
    assert.match(outcome.summary, /3 failed, 1 was over quota, 1 organization had errors$/)
    const publish = 'npm run publish -- pipelines local'
    assert.deepEqual(outcome.errors, [
      `acme_inc, repeat just these: ${publish} --arg orgSlug=acme_inc --arg providers=GCP_SA --arg providers=AWS_ROLE --arg date=2026-11-25: GCP_SA failed (HTTP 500: no), AWS_ROLE error (unreachable)`,
      `globex_2025, repeat just these: ${publish} --arg orgSlug=globex_2025 --arg providers=CLAUDE --arg date=2026-11-25: CLAUDE quota_exceeded`,
      `initech, repeat just this one: ${publish} --arg orgSlug=initech --arg date=2026-11-25: No active API key found`,
      'and 1 more pipeline, beyond the 100 results that the API lists: check its logs',
    ])
  })

  it('fails where no integration has the providers that were named: a slip rather than a day off', async () => {
    const none = {...answer, pipelines_triggered: 0, total_integrations: 0, orgs_processed: 0}
    const runPipelines = sinon.fake.resolves(none)
    const {outcome} = await runJob(pipelines, {args: {providers: ['GPC_SA']}, now, api: {runPipelines}})
    assert.equal(outcome.event, 'failed')
    assert.match(outcome.summary, /check their spelling$/)
    assert.equal((await runJob(pipelines, {now, api: {runPipelines}})).outcome.event, 'succeeded')
  })

  for (const status of [undefined, 502, 503, 504]) {
    it(`goes on as a part that only looks after ${status ?? 'no answer'}`, async () => {
      const runPipelines = sinon.fake.rejects(new UnavailableError('cut off', {mayHaveExecuted: true, status}))
      const {outcome} = await runJob(pipelines, {
        slot,
        now,
        args: {orgSlug: 'acme_inc'},
        api: {runPipelines},
        pipelineBatches: nothingYet,
        windDown: stop,
      })
      assert.equal(outcome.event, 'continued')
      assert.deepEqual(outcome.next, {
        orgSlug: 'acme_inc',
        dryRun: false,
        date: '2026-11-25',
        calledAt: calledAt.toISOString(),
      })
      assert.deepEqual(pipelines.args.parse(outcome.next), outcome.next)
    })
  }

  it('goes on as a part that only looks where its instance is told to stop during the call', async () => {
    const runPipelines = sinon.fake.rejects(new InterruptedError('stopped'))
    const {outcome} = await runJob(pipelines, {slot, now, api: {runPipelines}, windDown: stop})
    assert.deepEqual([outcome.event, outcome.next?.['date']], ['continued', '2026-11-25'])
  })

  for (const error of [
    new UnavailableError('500', {mayHaveExecuted: true, status: 500}),
    new UnavailableError('429', {mayHaveExecuted: false, status: 429}),
    new InterruptedError('no time left', {mayHaveExecuted: false}),
  ]) {
    it(`lets ${error.name} ${error.message} through, since nothing goes on inside`, async () => {
      const api = {runPipelines: sinon.fake.rejects(error)}
      await assert.rejects(runJob(pipelines, {slot, now, api}), error)
    })
  }

  describe('a further part', () => {
    const args = {date: '2026-11-25', calledAt: calledAt.toISOString()}

    it('calls nothing, and ends with what the API wrote down', async () => {
      const endedSince = sinon.fake.resolves([{...row, pipelines_failed: 1, pipelines_triggered: 7}])
      const {outcome} = await runJob(pipelines, {
        args,
        slot,
        part: 2,
        now: '2026-11-26T06:21:00Z',
        pipelineBatches: {endedSince},
      })
      assert.equal(outcome.event, 'degraded')
      assert.match(outcome.summary, /^7 of 8 pipelines of 2026-11-25 triggered.*1 failed$/)
    })

    it('goes on looking, with the time of the call that it looks for', async () => {
      const given = {args, slot, part: 5, now: '2026-11-26T07:00:00Z', pipelineBatches: nothingYet, windDown: stop}
      const {outcome} = await runJob(pipelines, given)
      assert.deepEqual([outcome.event, outcome.next], ['continued', {...args, dryRun: false}])
    })

    it('ends with an unknown outcome after four hours, or where two rows may be its own', async () => {
      const unknown = {name: 'UnavailableError', mayHaveExecuted: true}
      await assert.rejects(
        runJob(pipelines, {args, slot, part: 30, now: '2026-11-26T10:00:03Z', pipelineBatches: nothingYet}),
        {...unknown, message: /cut off, and the API wrote down no end of it within 4 hours/},
      )
      const pipelineBatches = {endedSince: async () => [row, {...row, batch_run_id: 'b-2'}]}
      await assert.rejects(runJob(pipelines, {args, slot, part: 2, now: '2026-11-26T06:30:00Z', pipelineBatches}), {
        ...unknown,
        message: /2 runs may be this one: b-1, b-2/,
      })
    })
  })

  for (const args of [
    {orgSlug: 'ab'},
    {categories: ['saas']},
    {categories: []},
    {providers: ['gcp']},
    {date: '25.11.2026'},
    {date: '2026-02-30'},
    {sendNotifications: true},
  ]) {
    it(`refuses ${JSON.stringify(args)}`, async () => {
      await assert.rejects(runJob(pipelines, {args}), {name: 'ZodError'})
    })
  }
})
