import assert from 'node:assert/strict'
import {parseEnvironmentName} from '../../../deploy/catalogue/environments.ts'
import {type PubSubServer, startPubSubServer} from '../../../deploy/local/pubsub/server/server.ts'
import {planRun, publishRun} from '../../../deploy/publish/publish-run.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {createMessagePublisher} from '../../../lib/run/message-publisher.ts'
import {createSampleJob} from '../../support/sample-job.ts'

describe('publishRun', () => {
  const job = createSampleJob({path: 'functions/daily/example.ts', schedule: '0 9 * * *'})
  let pubSub: PubSubServer
  before(async () => {
    pubSub = await startPubSubServer()
  })
  after(() => pubSub.stop())

  for (const [name, fix] of [
    ['local', 'the sandbox was started before this job was declared: end the sandbox and start it again'],
    ['stage', 'deploy the job first: npm run deploy -- stage --only daily-example'],
  ] as const) {
    it(`says what to do where ${name} doesn't have the job's topic yet`, async () => {
      const environment = parseEnvironmentName(name, {})
      const publisher = createMessagePublisher({projectId: environment.projectId, host: pubSub.host})
      try {
        await assert.rejects(publishRun({publisher}, planRun({job, environment, args: {}})), {
          name: 'ConfigurationError',
          message: `configuration is wrong: daily-example was not published, ${environment.projectId} has no topic cloudact-daily-example; ${fix}`,
        })
      } finally {
        await publisher.close()
      }
    })
  }

  it('hands on any other failure as it is', async () => {
    const failure = new UnavailableError('no answer', {mayHaveExecuted: true}, {cause: {code: 14}})
    const publisher = {publish: () => Promise.reject(failure), close: async () => {}}
    const planned = planRun({job, environment: parseEnvironmentName('local', {}), args: {}})
    await assert.rejects(publishRun({publisher}, planned), failure)
  })
})
