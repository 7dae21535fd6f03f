import assert from 'node:assert/strict'
import {loadCatalogue} from '../../../../deploy/catalogue/catalogue.ts'
import {parseEnvironmentName} from '../../../../deploy/catalogue/environments.ts'
import {buildManifest} from '../../../../deploy/cloud/manifest/manifest.ts'
import type {DesiredState} from '../../../../deploy/cloud/resources/resource.ts'
import {toJob} from '../../../../lib/job/job.ts'

/** As long as a name may be: 63 characters as a function. */
const longest = `${'x'.repeat(63 - 'cloudact-monthly-'.length)}`

async function longManifest(): Promise<readonly DesiredState[]> {
  const jobs = await loadCatalogue()
  const sample = (name: string) => jobs.find(job => job.name === name)
  const like = (name: string, path: string) => {
    const found = sample(name)
    assert.ok(found !== undefined)
    const {isIdempotent: _, ...declaration} = {...found, idempotent: true, shortcuts: []}
    return toJob(path, declaration)
  }
  return buildManifest({
    jobs: [
      ...jobs,
      like('monthly-quota-reset', `functions/monthly/${longest}.ts`),
      like('bootstrap', `functions/manual/${longest}.ts`),
    ],
    target: parseEnvironmentName('prod', {}),
    projectNumber: '123',
    version: `1.0.0+${'a'.repeat(80)}`,
    staged: new Map(),
    variablesOf: () => ({}),
    channels: ['email:ops@cloudact.ai'],
    now: () => new Date('2026-11-26T07:00:00Z'),
  })
}

describe('what a deployment creates, with names as long as they may be', () => {
  let manifest: readonly DesiredState[]
  before(async () => {
    manifest = await longManifest()
  })
  const named = (type: DesiredState['type']) => manifest.filter(resource => resource.type === type)

  it('keeps within the limits of names', () => {
    // Source: each service's own documentation of its names.
    const limits: readonly (readonly [DesiredState['type'], RegExp])[] = [
      ['service-account', /^[a-z](?:[a-z0-9-]{4,28}[a-z0-9])$/],
      ['function', /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/],
      ['topic', /^[A-Za-z][\w.~+%-]{2,254}$/],
      ['subscription', /^[A-Za-z][\w.~+%-]{2,254}$/],
      ['schedule', /^[\w-]{1,500}$/],
      ['log-metric', /^[\w.-]{1,100}$/],
      ['alert-policy', /^.{1,512}$/],
      ['secret', /^[\w-]{1,255}$/],
    ]
    for (const [type, limit] of limits) {
      assert.ok(named(type).length > 0, type)
      for (const {name} of named(type)) assert.match(name, limit, type)
    }
    const titles = named('service-account').map(({fields}) => fields['title'])
    for (const title of titles) assert.ok(String(title).length <= 100, String(title))
    assert.equal(new Set(named('service-account').map(({name}) => name)).size, named('service-account').length)
  })

  it('keeps within the limits of labels, variables and filters', () => {
    for (const resource of manifest) {
      if (resource.type === 'function') {
        const {version, bundleHash, variables} = resource.spec
        for (const label of [version, bundleHash]) assert.match(label, /^[a-z0-9_-]{0,63}$/)
        assert.ok(Buffer.byteLength(JSON.stringify(variables)) < 32_768)
        // gcloud separates them by it.
        for (const value of Object.values(variables)) assert.ok(!value.includes(','), value)
      }
      if (resource.type === 'subscription') assert.ok(Buffer.byteLength(String(resource.fields['filter'] ?? '')) <= 256)
    }
  })

  it('evaluates each alert as often as its look-back permits, and no sooner than its first success is due', () => {
    const most = (hours: number) => (hours <= 25 ? 30 : hours <= 8 * 24 ? 300 : hours <= 16 * 24 ? 3600 : 7200)
    let withLookBack = 0
    for (const resource of manifest) {
      if (resource.type !== 'alert-policy') continue
      const {query, evaluationInterval, quietUntil} = resource.spec
      assert.match(query, /monitored_resource="(?:cloud_run_revision|pubsub_subscription)"/)
      assert.ok(!/user_\w+(?![\w{])|user_\w+\[/.test(query), query)
      const hours = Number(/\[(\d+)h\]/.exec(query)?.[1] ?? 0)
      assert.ok(Number.parseInt(evaluationInterval, 10) >= most(hours), `${resource.name}: ${evaluationInterval}`)
      assert.ok(hours <= 32 * 24)
      if (hours > 0) withLookBack++
      assert.equal(quietUntil !== undefined, hours > 0, resource.name)
    }
    assert.ok(withLookBack >= 5)
    const dueAt = (name: string) => {
      const alert = manifest.find(resource => resource.name === `CloudAct jobs: no success of ${name}`)
      return alert?.type === 'alert-policy' ? new Date((alert.spec.quietUntil ?? 0) * 1000).toISOString() : undefined
    }
    // Deployed at 07:00: alerts are due at 08:00 the same day, the quota reset at midnight; two hours of grace.
    assert.equal(dueAt('daily-alerts'), '2026-11-26T10:00:00.000Z')
    assert.equal(dueAt('daily-quota-reset'), '2026-11-27T02:00:00.000Z')
    assert.equal(dueAt('monthly-quota-reset'), '2026-12-01T02:05:00.000Z')
  })
})
