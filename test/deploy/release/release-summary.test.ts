import assert from 'node:assert/strict'
import {parseEnvironmentName} from '../../../deploy/catalogue/environments.ts'
import {planRun} from '../../../deploy/publish/publish-run.ts'
import {parseReleaseOptions, type ReleaseOptions} from '../../../deploy/release/release-options.ts'
import type {StepName, StepResult} from '../../../deploy/release/release-step.ts'
import {formatRelease} from '../../../deploy/release/release-summary.ts'
import {createEntry} from '../../support/ledger-entry.ts'
import {createSampleJob} from '../../support/sample-job.ts'
import {findLine} from '../../support/spawn-command.ts'
import {splitArgs} from '../../support/words.ts'

const environment = parseEnvironmentName('stage', {})
const planned = planRun({job: createSampleJob(), environment, args: {}})

function parse(line: string): ReleaseOptions {
  const options = parseReleaseOptions(splitArgs(line.replace(/^npm run release -- /, '').replaceAll("'", '')))
  if ('help' in options) throw new Error(options.help)
  return options
}

const summarize = (line: string, result: StepResult) =>
  formatRelease({environment, by: 'ann', startedAt: new Date(0), options: parse(line), results: [result]})

const stopped = (step: StepName): StepResult => ({step, state: 'stopped', note: 'no', exitCode: 1})
const goesOn = (step: StepName): StepResult => ({
  step,
  state: 'ran',
  planned,
  followed: {progress: {state: 'waiting'}, totalMilliseconds: 20_000},
})

describe('a row of a release', () => {
  it('keeps the lines of a summary apart', () => {
    const entry = createEntry({event: 'succeeded', summary: 'dry run\nwould apply 01.sql\n\nwould apply 02.sql'})
    const followed = {progress: {state: 'over', entry, attempts: 1}, totalMilliseconds: 1000} as const
    const summary = summarize('npm run release -- stage', {step: 'migrate', state: 'ran', planned, followed})
    assert.match(summary, /\| dry run; would apply 01\.sql; would apply 02\.sql \|/)
  })
})

describe('the end of a release', () => {
  for (const line of [
    'npm run release -- stage --from deploy --api-health-url https://api.example/health --timeout 6s',
    "npm run release -- stage --from deploy --api-health-url 'https://api.example/health?a=1&b=2'",
    'npm run release -- stage --from migrate --continue --timeout 90m',
    'npm run release -- stage --from migrate --continue --dry-run',
    'npm run release -- stage --from migrate',
    'npm run release -- stage --from bootstrap --timeout 2d',
  ]) {
    it(`resumes ${line.slice('npm run release -- '.length)} with the same options`, () => {
      const summary = summarize(line, stopped(parse(line).from))
      assert.equal(findLine(summary, 'release'), line)
    })
  }

  it('leaves out how the pause ends where there is none any more', () => {
    const line = 'npm run release -- stage --continue --timeout 2m'
    assert.match(
      summarize(line, stopped('bootstrap')),
      /^Fix this, then resume with: npm run release -- stage --from bootstrap --timeout 2m$/m,
    )
  })

  it('asks prod’s question again', () => {
    assert.doesNotMatch(summarize('npm run release -- stage --yes', stopped('migrate')), /--yes/)
  })

  it('leads to the run that goes on, and to the step after it: that step is not started twice', () => {
    const line = 'npm run release -- stage --continue --timeout 20s'
    for (const [step, next] of [
      ['migrate', 'deploy --continue --timeout 20s'],
      ['bootstrap', 'org-sync-all --timeout 20s'],
    ] as const) {
      assert.deepEqual(summarize(line, goesOn(step)).split('\n').slice(-2), [
        `Follow that run:                   npm run runs -- stage ${planned.runId} --follow`,
        `Once it has succeeded, go on with: npm run release -- stage --from ${next}`,
      ])
    }
    const last = summarize(line, goesOn('org-sync-all'))
    assert.ok(last.endsWith('Once it has succeeded, the release is done: org-sync-all is its last step.'), last)
    assert.doesNotMatch(last, /npm run release/)
  })
})
