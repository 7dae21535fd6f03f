import assert from 'node:assert/strict'
import {alertTypeSchema} from '../../../../deploy/local/admin-api/state/organization.ts'
import {type Api, createApis} from './admin-api-client.ts'

const ALERTS = '/api/v1/admin/alerts/process-all'

describe('alert routes', () => {
  const apis = createApis()
  let api: Api
  beforeEach(async () => {
    api = await apis.start({now: () => new Date('2026-11-23T08:00:00Z')})
  })
  afterEach(() => apis.stopAll())

  const process = (body: object = {}, requestId = 'r-1') =>
    api.post(
      ALERTS,
      {alert_types: alertTypeSchema.options, send_notifications: true, dry_run: false, ...body},
      {headers: {'x-request-id': requestId}},
    )

  it('sends a notification for each condition that holds, and keeps count of each', async () => {
    const answer = await process()
    assert.deepEqual(answer.body, {
      success: true,
      orgs_processed: 12,
      alerts_triggered: 4,
      notifications_sent: 4,
      errors: 0,
      org_errors: [],
      message: 'Alerts processed: 12 orgs, 4 alerts triggered, 4 notifications sent in 0.01s',
    })
    const at = '2026-11-23T08:00:00.000Z'
    assert.deepEqual(api.requestLog.notifications, [
      {at, orgSlug: 'globex_2025', alertType: 'cost_threshold', requestId: 'r-1'},
      {at, orgSlug: 'globex_2025', alertType: 'budget_percent', requestId: 'r-1'},
      {at, orgSlug: 'lakeside_bank', alertType: 'absolute_threshold', requestId: 'r-1'},
      {at, orgSlug: 'sakura_systems', alertType: 'hierarchy_budget', requestId: 'r-1'},
    ])
  })

  it('sends everything again with each call that finishes', async () => {
    await process({}, 'r-1')
    await process({}, 'r-2')
    assert.equal(api.requestLog.notifications.length, 8)
    assert.equal(api.requestLog.notifications.filter(({requestId}) => requestId === 'r-2').length, 4)
  })

  it('has sent them even if the answer never arrives', async () => {
    api.faults.inject({path: ALERTS, kind: 'reset-after'})
    await assert.rejects(process())
    assert.equal(api.requestLog.notifications.length, 4)
  })

  it('has sent nothing if the connection is cut before, or another answer is ordered', async () => {
    api.faults.inject({path: ALERTS, kind: 'reset-before'})
    api.faults.inject({path: ALERTS, kind: 'status', response: {status: 502}})
    await assert.rejects(process())
    assert.equal((await process()).status, 502)
    assert.deepEqual([api.requestLog.notifications, api.requestLog.done], [[], []])
  })

  for (const body of [{dry_run: true}, {send_notifications: false}]) {
    it(`evaluates and sends nothing with ${JSON.stringify(body)}`, async () => {
      assert.partialDeepStrictEqual((await process(body)).body, {alerts_triggered: 4, notifications_sent: 0})
      assert.deepEqual(api.requestLog.notifications, [])
    })
  }

  it('evaluates only the types that are asked for', async () => {
    await process({alert_types: ['budget_percent', 'budget_forecast']})
    assert.partialDeepStrictEqual(api.requestLog.notifications, [{orgSlug: 'globex_2025', alertType: 'budget_percent'}])
    assert.equal(api.requestLog.notifications.length, 1)
  })

  it('evaluates one organization when it is named', async () => {
    const answer = await process({org_slug: 'lakeside_bank'})
    assert.partialDeepStrictEqual(answer.body, {orgs_processed: 1, notifications_sent: 1})
    assert.partialDeepStrictEqual(api.requestLog.done, [{operation: 'process-alerts', orgSlug: 'lakeside_bank'}])
  })

  for (const slug of ['nobody', 'hooli']) {
    it(`answers 404 in its own words for ${slug}, which is unknown or not active`, async () => {
      const answer = await process({org_slug: slug})
      assert.equal(answer.status, 404)
      assert.deepEqual(answer.body, {detail: `Organization '${slug}' not found or not active`, request_id: 'r-1'})
      assert.deepEqual(api.requestLog.notifications, [])
    })
  }

  it('counts what it could not deliver as triggered, with success and no error', async () => {
    api.organizations.setState('globex_2025', {undeliverable: true})
    assert.partialDeepStrictEqual((await process()).body, {
      success: true,
      alerts_triggered: 4,
      notifications_sent: 2,
      errors: 0,
    })
    assert.partialDeepStrictEqual(api.organizations.get('globex_2025')?.state, {
      triggerCountToday: 2,
      lastTriggeredAt: '2026-11-23T08:00:00.000Z',
    })
  })

  it('leaves no trace of a dry run in the rules', async () => {
    await process({dry_run: true})
    assert.equal(api.organizations.get('globex_2025')?.state.lastTriggeredAt, undefined)
  })

  it('accepts both anomaly types and evaluates neither', async () => {
    const types = ['anomaly_percent_change', 'anomaly_std_deviation'] as const
    api.organizations.setState('sakura_systems', {alertConditions: types})
    const answer = await process({org_slug: 'sakura_systems', alert_types: types})
    assert.partialDeepStrictEqual(answer.body, {orgs_processed: 1, alerts_triggered: 0})
  })

  it('finds no rules where an organization has no dataset', async () => {
    api.organizations.setDataset('globex_2025', undefined)
    assert.partialDeepStrictEqual((await process({org_slug: 'globex_2025'})).body, {
      orgs_processed: 1,
      alerts_triggered: 0,
    })
  })

  it('counts all errors, shows the first ten and answers 200', async () => {
    const crowded = await apis.start({organizations: 30})
    for (let number = 1; number <= 12; number++) {
      crowded.organizations.break(`org_0000${String(number).padStart(2, '0')}`, `error ${number}`)
    }
    crowded.organizations.setState('org_000013', {alertConditions: ['cost_threshold']})
    crowded.organizations.setDataset('org_000013', {tables: {}, views: []})
    const answer = await crowded.post(ALERTS, {
      alert_types: ['cost_threshold'],
      send_notifications: true,
      dry_run: false,
    })
    assert.equal(answer.status, 200)
    assert.partialDeepStrictEqual(answer.body, {
      success: true,
      orgs_processed: 18,
      alerts_triggered: 1,
      errors: 12,
      org_errors: Array.from({length: 10}, (_, index) => ({
        org_slug: `org_0000${String(index + 1).padStart(2, '0')}`,
        error: `error ${index + 1}`,
      })),
    })
    assert.equal(JSON.stringify(answer.body).includes('error 11'), false)
  })
})
