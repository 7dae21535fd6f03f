import {readFileSync} from 'node:fs'
import {toPlain} from '../../deploy/cli/plain-text.ts'
import {applyPlan, type DeploymentOptions, planDeployment} from '../../deploy/cloud/deployment.ts'
import type {StepResult} from '../../deploy/cloud/plan/apply.ts'
import {formatPlan} from '../../deploy/cloud/plan/plan-text.ts'
import {createGcloudFake} from './gcloud-fake.ts'
import {createMemoryLedgerTables} from './memory-ledger-tables.ts'
import {sampleDeployment} from './sample-deployment.ts'

type Apply = Partial<Parameters<typeof applyPlan>[1]>

/** A project in memory that has its secrets and the API's dataset, and a deployment to it. */
export async function createDeploymentScene(changes: Partial<DeploymentOptions> = {}) {
  const fake = createGcloudFake({
    secrets: ['ca-root-api-key-test', 'supabase-access-token-stage'],
    readConfig: path => JSON.parse(readFileSync(path, 'utf8')),
  })
  fake.documents.set('services', new Map([['secretmanager.googleapis.com', {}]]))
  const ledger = createMemoryLedgerTables()
  ledger.datasets.set('organizations', {location: 'us-central1', writers: [], readers: []})
  const options = await sampleDeployment({gcloud: fake.gcloud, ledger}, changes)
  const apply = async (more: Apply = {}) => {
    const all = {...options, ...more}
    const plan = await planDeployment(all)
    const signal = new AbortController().signal
    const results = await applyPlan(plan, {signal, onChange: () => {}, ...all})
    return {plan, results, text: toPlain(formatPlan(plan))}
  }
  return {fake, ledger, options, apply}
}

export function unfinished(results: readonly StepResult[]): StepResult[] {
  return results.filter(({state}) => state !== 'done')
}
