import assert from 'node:assert/strict'
import {createServer} from 'node:http'
import {alertTypeSchema} from '../../../deploy/local/admin-api/state/organization.ts'
import type {Fault} from '../../../deploy/local/emulator/injected-faults.ts'
import {alertTypes} from '../../../lib/admin-api/alert-operations.ts'
import {dispositionOf} from '../../../lib/delivery/disposition.ts'
import {createApiAttempts} from '../../support/api-attempt.ts'

const path = '/api/v1/admin/alerts/process-all'
const send = {alertTypes, dryRun: false}

describe('createAlertOperations', () => {
  const attempts = createApiAttempts()
  afterEach(() => attempts.stopAll())

  it('knows the seven types of the contract', () => {
    assert.deepEqual(alertTypes, alertTypeSchema.options)
  })

  it('has every alert sent once', async () => {
    const {api, emulator} = await attempts.start()
    const result = await api.processAlerts(send)
    assert.partialDeepStrictEqual(result, {success: true, orgs_processed: 12, notifications_sent: 4, errors: 0})
    assert.equal(emulator.requestLog.notifications.length, 4)
  })

  it('asks for one organization and some types', async () => {
    const {api, emulator} = await attempts.start()
    await api.processAlerts({...send, orgSlug: 'globex_2025', alertTypes: ['budget_percent']})
    assert.partialDeepStrictEqual(emulator.requestLog.done, [{orgSlug: 'globex_2025'}])
    assert.deepEqual(
      emulator.requestLog.notifications.map(({alertType}) => alertType),
      ['budget_percent'],
    )
  })

  it('sends nothing in a dry run, and says it in both ways', async () => {
    const bodies: unknown[] = []
    const server = createServer((request, response) => {
      let text = ''
      request.on('data', chunk => {
        text += chunk
      })
      request.on('end', () => {
        bodies.push(JSON.parse(text))
        response.end('{}')
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    try {
      const {api} = await attempts.start({baseUrl: `http://127.0.0.1:${port}`})
      await assert.rejects(api.processAlerts({...send, dryRun: true}), {name: 'ContractError'})
      await assert.rejects(api.processAlerts(send), {name: 'ContractError'})
    } finally {
      await new Promise(resolve => {
        server.close(resolve)
        server.closeAllConnections()
      })
    }
    assert.deepEqual(bodies, [
      {alert_types: [...alertTypes], send_notifications: false, dry_run: true},
      {alert_types: [...alertTypes], send_notifications: true, dry_run: false},
    ])
  })

  it('repeats a dry run like anything else that does no harm', async () => {
    const {api, emulator} = await attempts.start()
    emulator.faults.inject({path, kind: 'reset-after'})
    assert.equal((await api.processAlerts({...send, dryRun: true})).alerts_triggered, 4)
    assert.equal(emulator.requestLog.done.length, 2)
  })

  const afterSending: Record<string, Fault> = {
    'a reset before the work': {path, kind: 'reset-before'},
    'a reset after the work': {path, kind: 'reset-after'},
    'a truncated answer': {path, kind: 'truncate'},
    'an answer that is no JSON': {path, kind: 'body', text: 'upstream'},
    'an answer against the contract': {path, kind: 'body', text: '{"success": true}'},
    'an empty answer': {path, kind: 'body', text: ''},
  }
  for (const status of [408, 500, 502, 503, 504]) {
    afterSending[`HTTP ${status}`] = {path, kind: 'status', response: {status, body: {detail: 'x'}}}
  }
  for (const [what, fault] of Object.entries(afterSending)) {
    it(`calls once and has an unknown outcome after ${what}`, async () => {
      const {api, emulator} = await attempts.start()
      emulator.faults.inject({...fault, times: 2})
      const error = await errorOf(api.processAlerts(send))
      assert.equal(dispositionOf(error, false), 'ambiguous', String(error))
      assert.ok(emulator.requestLog.done.length <= 1 && emulator.requestLog.notifications.length <= 4)
      assert.equal(emulator.faults.pending(), 1, 'a second call met the second fault')
    })
  }

  it('calls once and has an unknown outcome when no answer comes in time', async () => {
    const {api, emulator} = await attempts.start({seconds: 0.2, latencyMilliseconds: 400})
    const error = await errorOf(api.processAlerts(send))
    assert.equal(dispositionOf(error, false), 'ambiguous', String(error))
    await emulator.stop()
    assert.ok(emulator.requestLog.notifications.length <= 4)
  })

  it('calls once and has an unknown outcome when it is stopped in the middle', async () => {
    const {api, emulator, abort} = await attempts.start({latencyMilliseconds: 100})
    const result = errorOf(api.processAlerts(send))
    setTimeout(abort, 20)
    const error = await result
    assert.equal(error.name, 'InterruptedError')
    assert.equal(dispositionOf(error, false), 'ambiguous')
    await emulator.stop()
    assert.ok(emulator.requestLog.notifications.length <= 4)
  })

  for (const status of [401, 403, 404, 409, 422]) {
    it(`is refused for good with ${status}`, async () => {
      const {api, emulator} = await attempts.start()
      emulator.faults.inject({path, kind: 'status', response: {status, body: {detail: 'Not Found'}}})
      const error = await errorOf(api.processAlerts(send))
      assert.equal(dispositionOf(error, false), 'permanent')
      assert.deepEqual(emulator.requestLog.notifications, [])
    })
  }

  it('is refused for an organization that is not active', async () => {
    const {api} = await attempts.start()
    await assert.rejects(api.processAlerts({...send, orgSlug: 'hooli'}), {
      name: 'RejectedError',
      message: /Organization 'hooli' not found or not active/,
    })
  })

  it('waits and calls again after 429, which proves that nothing ran', async () => {
    const {api, emulator} = await attempts.start()
    const response = {status: 429, body: {detail: {error: 'rate limit', message: 'slow down', retry_after: 0.01}}}
    emulator.faults.inject({path, kind: 'status', response, times: 3})
    assert.equal((await api.processAlerts(send)).notifications_sent, 4)
    assert.equal(emulator.requestLog.notifications.length, 4)
  })

  it('may be tried again later where no connection came about', async () => {
    const {emulator} = await attempts.start()
    await emulator.stop()
    const {api} = await attempts.start({baseUrl: emulator.url, seconds: 0.2})
    const error = await errorOf(api.processAlerts(send))
    assert.equal(dispositionOf(error, false), 'transient', String(error))
  })
})

async function errorOf(result: Promise<unknown>): Promise<Error> {
  try {
    await result
  } catch (error) {
    if (error instanceof Error) return error
  }
  assert.fail('nothing was thrown')
}
