import assert from 'node:assert/strict'
import {createRestRoutes} from '../../../../../deploy/local/pubsub/server/rest-routes.ts'
import {loadProtoSchema} from '../../../../../deploy/local/pubsub/wire/proto-schema.ts'

describe('createRestRoutes', () => {
  const route = createRestRoutes(loadProtoSchema())

  for (const [verb, path, method, variables] of [
    ['PUT', '/v1/projects/p/topics/t', 'CreateTopic', {name: 'projects/p/topics/t'}],
    ['PATCH', '/v1/projects/p/topics/t', 'UpdateTopic', {'topic.name': 'projects/p/topics/t'}],
    ['GET', '/v1/projects/p/topics', 'ListTopics', {project: 'projects/p'}],
    ['POST', '/v1/projects/p/topics/t:publish', 'Publish', {topic: 'projects/p/topics/t'}],
    ['GET', '/v1/projects/p/topics/t/subscriptions', 'ListTopicSubscriptions', {topic: 'projects/p/topics/t'}],
    ['POST', '/v1/projects/p/subscriptions/s:pull', 'Pull', {subscription: 'projects/p/subscriptions/s'}],
    ['GET', '/v1/projects/example.com:p/topics/a%2Bb', 'GetTopic', {topic: 'projects/example.com:p/topics/a+b'}],
    ['GET', '/v1/projects/p/topics/%zz', 'GetTopic', {topic: 'projects/p/topics/%zz'}],
  ] as const) {
    it(`finds ${method} at ${verb} ${path}`, () => {
      const match = route(verb, path)
      assert.equal(match?.method, method)
      assert.deepEqual(match?.variables, variables)
    })
  }

  it('finds nothing elsewhere', () => {
    for (const [verb, path] of [
      ['POST', '/v1/projects/p/topics/t'],
      ['POST', '/v1/projects/p/topics/t:unknown'],
      ['GET', '/v2/projects/p/topics/t'],
      ['GET', '/v1/projects/p/topics/t/more'],
      ['GET', '/v1/projects//topics/t'],
    ] as const) {
      assert.equal(route(verb, path), undefined, `${verb} ${path}`)
    }
  })
})
