import assert from 'node:assert/strict'
import {ContractError} from '../../../lib/errors/contract-error.ts'
import {RejectedError} from '../../../lib/errors/rejected-error.ts'
import type {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {createApiAttempts} from '../../support/api-attempt.ts'

const listPath = '/api/v1/organizations'

describe('createOrganizationOperations', () => {
  const attempts = createApiAttempts()
  afterEach(() => attempts.stopAll())

  it('lists a page of the active organizations, newest first', async () => {
    const {api} = await attempts.start()
    const {organizations, total, has_next} = await api.listActiveOrganizations({page: 2, pageSize: 5})
    assert.deepEqual(
      organizations.map(({org_slug}) => org_slug),
      ['sakura_systems', 'gulf_logistics', 'umbrella_health', 'initech', 'globex_2025'],
    )
    assert.deepEqual([total, has_next], [12, true])
    assert.equal(organizations[0]?.created_at?.toISOString(), '2025-09-30T09:30:00.000Z')
  })

  it('takes the times that Python writes, with and without microseconds, and refuses what is none', async () => {
    const {api, emulator} = await attempts.start()
    const answer = (created_at: unknown) =>
      emulator.faults.inject({
        path: listPath,
        kind: 'status',
        response: {status: 200, body: {organizations: [{org_slug: 'acme_inc', created_at}], total: 1, has_next: false}},
      })
    for (const [text, moment] of [
      ['2026-01-02T03:04:05.678901+00:00', '2026-01-02T03:04:05.678Z'],
      ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000Z'],
    ]) {
      answer(text)
      const {organizations} = await api.listActiveOrganizations({page: 1, pageSize: 100})
      assert.equal(organizations[0]?.created_at?.toISOString(), moment)
    }
    answer('yesterday')
    await assert.rejects(api.listActiveOrganizations({page: 1, pageSize: 100}), ContractError)
    answer(null)
    const {organizations} = await api.listActiveOrganizations({page: 1, pageSize: 100})
    assert.equal(organizations[0]?.created_at, undefined)
  })

  it('counts the active ones, even where a broken row makes pages of the list a 500', async () => {
    const {api, emulator} = await attempts.start()
    emulator.organizations.add({org_slug: 'broken_one', default_currency: null})
    assert.equal(await api.countActiveOrganizations(), 13)
  })

  it('syncs one organization: its missing tables and columns, and no views', async () => {
    const {api, emulator} = await attempts.start()
    const {status, dataset_created, tables_created} = await api.syncOrganization('wayne_tech')
    const {tables, views} = emulator.organizations.get('wayne_tech')?.dataset ?? {}
    assert.deepEqual([status, dataset_created, tables_created], ['SUCCESS', true, Object.keys(tables ?? {})])
    assert.deepEqual(views, [])
  })

  it('gives PARTIAL with its errors', async () => {
    const {api, emulator} = await attempts.start()
    emulator.organizations.break('wayne_tech', 'access denied')
    const {status, errors} = await api.syncOrganization('wayne_tech')
    assert.equal(status, 'PARTIAL')
    assert.match(errors[0] ?? '', /access denied/)
  })

  for (const [slug, status] of [
    ['nobody', 404],
    ['hooli', 400],
  ] as const) {
    it(`is refused with ${status} for ${slug}, at once`, async () => {
      const {api, emulator} = await attempts.start()
      await assert.rejects(
        api.syncOrganization(slug),
        error => error instanceof RejectedError && error.status === status && error.detail.includes(slug),
      )
      assert.equal(emulator.requestLog.refused.length, 1)
    })
  }

  it('tells of each try that a rate limit met, and repeats it when it may', async () => {
    const {api, emulator} = await attempts.start()
    const response = {status: 429, body: {detail: {error: 'Rate limit exceeded', retry_after: 0.01}}}
    emulator.faults.inject({path: '/api/v1/organizations/acme_inc/sync', times: 2, kind: 'status', response})
    const told: UnavailableError[] = []
    await api.syncOrganization('acme_inc', {onUnavailable: error => told.push(error)})
    assert.deepEqual(
      told.map(({status}) => status),
      [429, 429],
    )
  })

  it('keeps a name that is none inside its place in the path', async () => {
    const {api, emulator} = await attempts.start()
    await assert.rejects(api.syncOrganization('../admin/bootstrap'), RejectedError)
    assert.equal(emulator.dataset.tables(), undefined)
    assert.equal(emulator.requestLog.refused[0]?.path, '/api/v1/organizations/..%2Fadmin%2Fbootstrap/sync')
  })
})
