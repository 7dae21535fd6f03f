import assert from 'node:assert/strict'
import {hasSubscribers} from 'node:diagnostics_channel'
import {copyFile, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import ky from 'ky'
import {startAdminApi} from '../../../../deploy/local/admin-api/server.ts'
import {defaultRelease} from '../../../../deploy/local/admin-api/state/release.ts'
import {createInjectedFaults} from '../../../../deploy/local/emulator/injected-faults.ts'
import {createApis, ROOT_KEY} from './admin-api-client.ts'

const STATUS = '/api/v1/admin/bootstrap/status?force_refresh=true'
const FRESH = {force_recreate_dataset: false, force_recreate_tables: false}
const SYNC = {sync_missing_tables: true, sync_missing_columns: true, recreate_views: false}

describe('startAdminApi', () => {
  const apis = createApis()
  let dataFolder: string
  beforeEach(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'admin-api-'))
  })
  afterEach(async () => {
    await apis.stopAll()
    await rm(dataFolder, {recursive: true})
  })

  it('tells its health and release without a key, and leaves that out of the books', async () => {
    const api = await apis.start()
    const response = await fetch(`${api.url}/health`)
    assert.deepEqual(await response.json(), {status: 'healthy', version: defaultRelease().version})
    assert.deepEqual(api.requestLog.done, [])
  })

  it('begins not bootstrapped, with organizations for each job to work on', async () => {
    const api = await apis.start()
    assert.partialDeepStrictEqual((await api.get(STATUS)).body, {status: 'NOT_BOOTSTRAPPED'})
    assert.deepEqual([api.organizations.count(), api.organizations.count('ACTIVE')], [14, 12])
  })

  it('answers ky, too', async () => {
    const api = await apis.start()
    const client = ky.create({prefix: `${api.url}/api/v1`, headers: {'x-ca-root-key': ROOT_KEY}, retry: 0})
    assert.partialDeepStrictEqual(await client.post('admin/bootstrap', {json: FRESH}).json(), {status: 'SUCCESS'})
  })

  it('meets the faults of the plan that it is given', async () => {
    const faults = createInjectedFaults()
    const api = await apis.start({faults})
    faults.inject({path: /bootstrap/, kind: 'status', response: {status: 503, body: {detail: 'no'}}})
    faults.inject({path: /bootstrap/, kind: 'body', text: '<html>'})
    assert.equal((await api.get(STATUS)).status, 503)
    const response = await fetch(`${api.url}${STATUS}`, {headers: {'x-ca-root-key': ROOT_KEY}})
    assert.equal(await response.text(), '<html>')
    assert.equal(faults.pending(), 0)
  })

  it('finds its state again after a restart', async () => {
    const first = await apis.start({dataFolder})
    await first.post('/api/v1/admin/bootstrap', FRESH)
    await first.post('/api/v1/organizations/wayne_tech/sync', SYNC)
    await first.post('/api/v1/quota/reset-daily')
    first.organizations.setStatus('initech', 'SUSPENDED')
    first.organizations.add({org_slug: 'newcomer'})
    const before = [first.dataset.tables(), ...slugs().map(slug => first.organizations.get(slug))]
    await first.stop()

    const second = await apis.start({dataFolder, organizations: 3})
    await first.stop()
    const after = [second.dataset.tables(), ...slugs().map(slug => second.organizations.get(slug))]
    assert.deepEqual(after, before)
    assert.equal(second.organizations.count(), 15)
    assert.partialDeepStrictEqual((await second.get(STATUS)).body, {status: 'SYNCED'})

    function slugs(): string[] {
      return ['wayne_tech', 'initech', 'newcomer', 'acme_inc']
    }
  })

  it('has saved a change before its answer goes out, so that a kill loses nothing that was answered', async () => {
    const api = await apis.start({dataFolder})
    await api.post('/api/v1/admin/bootstrap', FRESH)
    const copy = join(dataFolder, 'copy')
    await mkdir(copy)
    await copyFile(join(dataFolder, 'admin-api.json'), join(copy, 'admin-api.json'))
    const other = await apis.start({dataFolder: copy})
    assert.partialDeepStrictEqual((await other.get(STATUS)).body, {status: 'SYNCED'})
  })

  it('never writes the root key', async () => {
    const api = await apis.start({dataFolder})
    await api.post('/api/v1/admin/bootstrap', FRESH)
    assert.equal((await readFile(join(dataFolder, 'admin-api.json'), 'utf8')).includes(ROOT_KEY), false)
  })

  it('writes nothing for a call that only reads', async () => {
    const api = await apis.start({dataFolder})
    await api.get(STATUS)
    await assert.rejects(readFile(join(dataFolder, 'admin-api.json')), {code: 'ENOENT'})
  })

  it('is out of sync with the state of an earlier release, until it is synced', async () => {
    const first = await apis.start({dataFolder})
    await first.post('/api/v1/admin/bootstrap', FRESH)
    await first.stop()

    const old = defaultRelease()
    const {org_hierarchy: hierarchy = [], ...others} = old.centralTables
    const centralTables = {...others, org_hierarchy: [...hierarchy, 'colour'], org_invoices: ['invoice_id', 'org_slug']}
    const second = await apis.start({dataFolder, release: {...old, version: '5.0.0', centralTables}})
    assert.partialDeepStrictEqual((await second.get(STATUS)).body, {
      status: 'OUT_OF_SYNC',
      tables_missing: ['org_invoices'],
      schema_diffs: {org_hierarchy: {missing_columns: ['colour'], extra_columns: []}},
    })
    const {recreate_views: _, ...sync} = SYNC
    assert.partialDeepStrictEqual((await second.post('/api/v1/admin/bootstrap/sync', sync)).body, {
      status: 'SUCCESS',
      tables_created: ['org_invoices'],
      columns_added: {org_hierarchy: ['colour']},
    })
    assert.partialDeepStrictEqual((await second.get(STATUS)).body, {status: 'SYNCED'})
  })

  it('refuses to start on a state that it can not read', async () => {
    await writeFile(join(dataFolder, 'admin-api.json'), '{"format": 2}')
    await assert.rejects(startAdminApi({rootKey: ROOT_KEY, dataFolder}), /admin-api\.json: remove the file/)
  })

  it('refuses a port that is taken', async () => {
    const api = await apis.start()
    await assert.rejects(startAdminApi({rootKey: ROOT_KEY, port: api.port}), {code: 'EADDRINUSE'})
  })

  it('leaves no listener behind, whether it was stopped or could not start', async () => {
    const before = hasSubscribers('http.server.request.start')
    const api = await startAdminApi({rootKey: ROOT_KEY})
    await assert.rejects(startAdminApi({rootKey: ROOT_KEY, port: api.port}))
    await api.stop()
    assert.equal(hasSubscribers('http.server.request.start'), before)
    await assert.rejects(fetch(api.url))
  })
})
