import assert from 'node:assert/strict'
import {PassThrough} from 'node:stream'
import {isPublicHttps} from '../../../deploy/cloud/api-address.ts'
import {newApiHost} from '../../../deploy/cloud/api-host.ts'
import {confirmDeployment} from '../../../deploy/cloud/confirm-deployment.ts'
import {parseDeploySettings} from '../../../deploy/cloud/deploy-settings.ts'
import {createDeploymentScene} from '../../support/deployment-scene.ts'

const projectId = 'cloudact-testing-1'
const shell = (url: string) => ({variablesOf: parseDeploySettings({API_SERVICE_URL: url}).variablesOf})
const usual = 'https://cloudact-api-service-test-2adubqjovq-uc.a.run.app'

describe('API_SERVICE_URL of a deployment', () => {
  it('goes to the functions that call the API, and to no other', async () => {
    const {apply, fake} = await createDeploymentScene(shell('https://api.example.com/'))
    const {text} = await apply()
    assert.match(text, /^ +env API_SERVICE_URL: https:\/\/api\.example\.com$/m)
    const flagOf = (name: string) =>
      fake.changes
        .find(args => args[1] === 'deploy' && args[2] === name)
        ?.find(word => word.startsWith('--set-env-vars'))
    assert.match(flagOf('cloudact-daily-alerts') ?? '', /API_SERVICE_URL=https:\/\/api\.example\.com$/)
    assert.doesNotMatch(flagOf('cloudact-daily-quota-cleanup') ?? '', /API_SERVICE_URL/)
  })

  it('stays as it is deployed where the shell sets none, and the plan says so', async () => {
    const {apply, options} = await createDeploymentScene(shell('https://api.example.com'))
    await apply()
    const {plan, text} = await apply({variablesOf: () => ({}), staged: new Map()})
    assert.ok(plan.steps.length > 0)
    for (const {changes} of plan.steps)
      assert.deepEqual(
        changes.map(({field}) => field),
        ['bundle'],
      )
    assert.match(
      text,
      /^= kept {5}API_SERVICE_URL stays https:\/\/api\.example\.com, as deployed: it isn't set in this shell$/m,
    )
    assert.equal(newApiHost(plan, options.target.projectId), undefined)
  })

  it('has a new host when the root key would go elsewhere than now', async () => {
    const {apply} = await createDeploymentScene()
    const hostOf = async (url: string) => newApiHost((await apply(shell(url))).plan, projectId)
    assert.equal(newApiHost((await apply()).plan, projectId), undefined)
    assert.equal(await hostOf(`${usual}/v2`), undefined)
    assert.equal(await hostOf('https://api.example.com'), 'api.example.com')
    assert.equal(await hostOf('https://api.example.com/v2'), undefined)
    assert.equal(await hostOf('https://api.example.com:8443'), 'api.example.com:8443')
    const first = await createDeploymentScene(shell('https://api.example.com'))
    assert.equal(newApiHost((await first.apply()).plan, projectId), 'api.example.com')
  })

  it('takes https to a public host alone', () => {
    for (const url of [usual, 'https://api.cloudact.ai', 'https://8.8.8.8:8443/x', 'https://[2606:4700::1111]']) {
      assert.ok(isPublicHttps(url), url)
    }
    for (const url of [
      'http://api.cloudact.ai',
      'https://localhost',
      'https://127.1',
      'https://2130706433',
      'https://0x7f.1',
      'https://10.0.0.1',
      'https://172.16.5.4',
      'https://192.168.0.10',
      'https://169.254.169.254',
      'https://100.64.0.1',
      'https://0.0.0.0',
      'https://[::1]',
      'https://[::ffff:10.0.0.1]',
      'https://[fd00::1]',
      'https://[fe80::1]',
      'https://metadata.google.internal',
      'https://printer.local',
      'https://intranet',
      'https://localhost./x',
      'https://user:pass@api.cloudact.ai',
      'https://api.cloudact.ai/?key=1',
      'https://api.cloudact.ai/#x',
      'not a url',
      '',
    ]) {
      assert.ok(!isPublicHttps(url), url)
    }
  })

  const decide = (answer: string | undefined, options: {isConfirmed?: boolean; apiHost?: string}) => {
    const stdin = Object.assign(new PassThrough(), {isTTY: answer !== undefined})
    if (answer !== undefined) stdin.write(`${answer}\n`)
    else stdin.end()
    const terminal = Object.assign(new PassThrough(), {isTTY: true, columns: 80})
    return confirmDeployment(
      {isConfirmed: false, apiHost: undefined, ...options},
      {io: {stdin, terminal}, signal: new AbortController().signal, place: 'stage (p)', newHost: 'api.example.com'},
    )
  }

  it('is confirmed by typing a new host: neither "yes" nor --yes is enough', async () => {
    assert.equal(await decide('api.example.com', {}), true)
    assert.equal(await decide('yes', {}), false)
    assert.equal(await decide('api.example.org', {isConfirmed: true}), false)
    assert.equal(await decide('api.example.com', {isConfirmed: true}), true)
    await assert.rejects(decide(undefined, {isConfirmed: true}), {
      name: 'UsageError',
      message: /another host than now: confirm it by --api-host api\.example\.com/,
    })
    assert.equal(await decide(undefined, {isConfirmed: true, apiHost: 'api.example.com'}), true)
    await assert.rejects(decide(undefined, {isConfirmed: true, apiHost: 'other.com'}), {name: 'UsageError'})
  })
})
