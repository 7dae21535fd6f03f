import assert from 'node:assert/strict'
import {loadCatalogue} from '../../../../deploy/catalogue/catalogue.ts'
import {UsageError} from '../../../../deploy/cli/usage-error.ts'
import {parseFaultSpec} from '../../../../deploy/local/control/fault-spec.ts'
import type {Job} from '../../../../lib/job/job.ts'

const alerts = {functionName: 'cloudact-daily-alerts'}

describe('parseFaultSpec', () => {
  let jobs: readonly Job[]
  before(async () => {
    jobs = await loadCatalogue()
  })

  for (const [text, expected] of [
    ['alerts:500x3', {text: 'daily-alerts:500x3', target: alerts, effect: {kind: 'status', status: 500}, times: 3}],
    [
      'org-sync-all:reset-after@acme_inc',
      {target: {functionName: 'cloudact-manual-org-sync-all'}, effect: {kind: 'reset-after'}, orgSlug: 'acme_inc'},
    ],
    ['ledger:hang', {target: {service: 'ledger'}, effect: {kind: 'hang'}, times: 1}],
    ['alerts:kill', {target: alerts, effect: {kind: 'kill'}, times: 1}],
    ['api:down', {target: {service: 'api'}, effect: {kind: 'down'}, times: Number.POSITIVE_INFINITY}],
    ['api:downx2', {effect: {kind: 'down'}, times: 2}],
    ['supabase:429x*', {target: {service: 'supabase'}, times: Number.POSITIVE_INFINITY}],
    ['alerts:slow=1.5s@acme_inc', {effect: {kind: 'slow', milliseconds: 1500}, orgSlug: 'acme_inc'}],
    ['alerts:slow=200msx4', {effect: {kind: 'slow', milliseconds: 200}, times: 4}],
    ['alerts:truncatex2@acme_inc', {effect: {kind: 'truncate'}, times: 2, orgSlug: 'acme_inc'}],
  ] as const) {
    it(`reads ${text}`, () => {
      const spec = parseFaultSpec(text, jobs)
      assert.deepEqual({...spec, ...expected}, spec)
    })
  }

  for (const [text, reason] of [
    ['', /can't be read/],
    ['alerts', /can't be read/],
    ['alerts:', /can't be read/],
    ['alerts:500x0', /no effect that is known/],
    ['alerts:500@Acme Inc', /can't be read/],
    ['alerts:200', /no effect that is known/],
    ['alerts:600', /no effect that is known/],
    ['alerts:slow', /no effect that is known/],
    ['alerts:hang=3s', /no effect that is known/],
    ['alerts:explode', /no effect that is known/],
    ['nonsense:500', /nonsense/],
  ] as const) {
    it(`refuses ${JSON.stringify(text)}, and says how it is written`, () => {
      assert.throws(
        () => parseFaultSpec(text, jobs),
        (error: unknown) => error instanceof UsageError && reason.test(error.message),
      )
    })
  }
})
