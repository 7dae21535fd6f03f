import assert from 'node:assert/strict'
import sinon from 'sinon'
import alerts from '../../../functions/daily/alerts.ts'
import {toJob} from '../../../lib/job/job.ts'
import {runJob} from '../../support/job-run.ts'

const answer = {
  success: true,
  orgs_processed: 12,
  alerts_triggered: 4,
  notifications_sent: 4,
  errors: 0,
  org_errors: [],
  message: 'done',
}
const counts = {orgsProcessed: 12, alertsTriggered: 4, notificationsSent: 4, orgsFailed: 0}
const allTypes = [
  'cost_threshold',
  'absolute_threshold',
  'budget_percent',
  'budget_forecast',
  'hierarchy_budget',
  'anomaly_percent_change',
  'anomaly_std_deviation',
]

describe('daily-alerts', () => {
  it('asks once for all seven types and all organizations', async () => {
    const processAlerts = sinon.fake.resolves(answer)
    const {outcome} = await runJob(alerts, {api: {processAlerts}})
    sinon.assert.calledOnceWithExactly(processAlerts, {orgSlug: undefined, dryRun: false, alertTypes: allTypes})
    assert.deepEqual(outcome, {
      event: 'succeeded',
      summary: '4 alerts triggered, 4 notifications sent, 12 organizations evaluated',
      counts,
      errors: [],
      warnings: [],
    })
  })

  it('passes its arguments on, each type once', async () => {
    const processAlerts = sinon.fake.resolves({...answer, notifications_sent: 0})
    const {outcome} = await runJob(alerts, {
      args: {orgSlug: 'acme_inc', dryRun: true, alertTypes: ['budget_percent', 'cost_threshold', 'budget_percent']},
      api: {processAlerts},
    })
    sinon.assert.calledOnceWithExactly(processAlerts, {
      orgSlug: 'acme_inc',
      dryRun: true,
      alertTypes: ['budget_percent', 'cost_threshold'],
    })
    assert.match(outcome.summary, /^dry run: /)
  })

  it('is degraded by errors, with each that the API lists and the number of those that it does not', async () => {
    const org_errors = Array.from({length: 10}, (_, index) => ({org_slug: `org_${index}`, error: `error ${index}`}))
    const {outcome} = await runJob(alerts, {
      api: {processAlerts: sinon.fake.resolves({...answer, errors: 13, org_errors})},
    })
    assert.equal(outcome.event, 'degraded')
    assert.deepEqual(outcome.counts, {...counts, orgsFailed: 13})
    assert.equal(outcome.errors.length, 11)
    assert.deepEqual(
      [outcome.errors[0], outcome.errors.at(-1)],
      [
        'org_0: error 0; repeat just this one: npm run publish -- alerts local --arg orgSlug=org_0',
        'and 3 more, which the API does not list: check its logs',
      ],
    )
  })

  it('says of no error that it is not listed when all are', async () => {
    const org_errors = [{org_slug: 'initech', error: 'no budget'}]
    const {outcome} = await runJob(alerts, {
      api: {processAlerts: sinon.fake.resolves({...answer, errors: 1, org_errors})},
    })
    const command = 'npm run publish -- alerts local --arg orgSlug=initech'
    assert.deepEqual(
      [outcome.event, outcome.errors],
      ['degraded', [`initech: no budget; repeat just this one: ${command}`]],
    )
  })

  it('is degraded by fewer notifications than alerts, with what to check', async () => {
    const processAlerts = sinon.fake.resolves({...answer, alerts_triggered: 3, notifications_sent: 1})
    const {outcome} = await runJob(alerts, {api: {processAlerts}})
    assert.equal(outcome.event, 'degraded')
    assert.match(outcome.summary, /3 alerts triggered, 1 notification sent, .* but 2 alerts were not delivered$/)
    assert.match(outcome.errors.join(), /2 triggered alerts.*pipeline service.*org_notification_channels/)
  })

  it('succeeds as a dry run that triggered alerts and sent none', async () => {
    const processAlerts = sinon.fake.resolves({...answer, notifications_sent: 0})
    const {outcome} = await runJob(alerts, {api: {processAlerts}, args: {dryRun: true}})
    assert.equal(outcome.event, 'succeeded')
  })

  it('tells where the trace of a run is, and where there is none', () => {
    assert.match(alerts.manualCheck ?? '', /org_notification_rules\. A last_triggered_at/)
    assert.match(alerts.manualCheck ?? '', /org_notification_history proves nothing/)
    assert.match(alerts.sandboxCheck ?? '', /npm run sandbox -- notifications/)
  })

  it('fails on success false if nothing was sent', async () => {
    const processAlerts = sinon.fake.resolves({...answer, success: false, notifications_sent: 0, message: 'broken'})
    const {outcome} = await runJob(alerts, {api: {processAlerts}})
    assert.equal(outcome.event, 'failed')
    assert.match(outcome.summary, /broken/)
  })

  it('is degraded on success false if something was sent, since a failed run could be replayed', async () => {
    const processAlerts = sinon.fake.resolves({...answer, success: false, message: 'broken'})
    const {outcome} = await runJob(alerts, {api: {processAlerts}})
    assert.equal(outcome.event, 'degraded')
    assert.match(outcome.summary, /broken.*4 notifications sent/)
  })

  it('may be repeated only as a dry run', () => {
    const {isIdempotent} = toJob('functions/daily/alerts.ts', alerts)
    for (const [args, isSafe] of [
      [{}, false],
      [{dryRun: false}, false],
      [{dryRun: true}, true],
    ] as const) {
      assert.equal(isIdempotent(alerts.args.parse(args)), isSafe)
    }
  })

  for (const args of [
    {orgSlug: 'ab'},
    {orgSlug: 'a'.repeat(51)},
    {orgSlug: 'Acme'},
    {orgSlug: 'acme/../x'},
    {orgSlug: 'acme_inc\n'},
    {alertTypes: []},
    {alertTypes: ['costs']},
    {dryRun: 'true'},
    {sendNotifications: false},
  ]) {
    it(`refuses ${JSON.stringify(args).slice(0, 60)}`, async () => {
      await assert.rejects(runJob(alerts, {args}), {name: 'ZodError'})
    })
  }
})
