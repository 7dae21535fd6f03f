import * as z from 'zod'
import type {Broker, Topic} from '../delivery/broker.ts'
import {parsePublishRequest} from '../state/message.ts'
import {parseTopicSettings} from '../state/topic-settings.ts'
import {toPage} from '../wire/page.ts'
import {alreadyExists, notFound, parseResourceName} from '../wire/resource-name.ts'
import {applyUpdateMask} from '../wire/update-mask.ts'
import type {RpcMethods} from './rpc-method.ts'

const topicRequest = z.object({topic: z.string().default('')})
const projectRequest = z.object({project: z.string().default('')})
const updateRequest = z.object({
  topic: z.looseObject({name: z.string().default('')}).prefault({}),
  updateMask: z.unknown().optional(),
})

const mutableFields = ['labels', 'message_storage_policy', 'message_retention_duration']
const fixedFields = ['name', 'state', 'satisfies_pzs', 'kms_key_name']

/** google.pubsub.v1.Publisher, as far as it is about topics: a topic's life, and publishing. */
export function createTopicMethods(broker: Broker): RpcMethods {
  function find(name: string): Topic {
    const topic = broker.topics.get(parseResourceName('topics', name))
    if (topic === undefined) throw notFound(name)
    return topic
  }

  return {
    CreateTopic(request) {
      const settings = parseTopicSettings(request)
      if (broker.topics.has(settings.name)) throw alreadyExists(settings.name)
      broker.putTopic(settings)
      return settings
    },
    UpdateTopic(request) {
      const {topic: patch, updateMask} = updateRequest.parse(request)
      const {settings: current} = find(patch.name)
      const settings = parseTopicSettings(
        applyUpdateMask({
          what: 'Topic',
          current,
          patch,
          mask: updateMask,
          mutable: mutableFields,
          fixed: fixedFields,
        }),
      )
      broker.putTopic(settings)
      return settings
    },
    GetTopic: request => find(topicRequest.parse(request).topic).settings,
    ListTopics(request) {
      const {project} = projectRequest.parse(request)
      const all = [...broker.topics.keys()].filter(name => name.startsWith(`${project}/`))
      const {names, nextPageToken} = toPage(all, request)
      return {topics: names.map(name => find(name).settings), nextPageToken}
    },
    ListTopicSubscriptions(request) {
      const topic = find(topicRequest.parse(request).topic)
      const all = [...topic.subscriptions].map(subscription => subscription.settings().name)
      const {names, nextPageToken} = toPage(all, request)
      return {subscriptions: names, nextPageToken}
    },
    DeleteTopic(request) {
      const {name} = find(topicRequest.parse(request).topic).settings
      broker.deleteTopic(name)
      return {}
    },
    Publish(request) {
      const {topic, messages} = parsePublishRequest(request)
      return {messageIds: broker.publish(find(topic), messages)}
    },
  }
}
