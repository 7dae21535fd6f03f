import {PubSub} from '@google-cloud/pubsub'

/** Google's own client, pointed at a server on this machine, without looking for Google Cloud around it. */
export function createPubSubClient(host: string, projectId: string): PubSub {
  process.env['METADATA_SERVER_DETECTION'] = 'none'
  return new PubSub({projectId, apiEndpoint: host, emulatorMode: true})
}
