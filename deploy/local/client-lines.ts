import {styleText} from 'node:util'

/**
 * How other programs reach the sandbox's Pub/Sub, each line ready to copy: no credentials, and no project but the
 * sandbox's, so that nothing can reach a real one by mistake.
 */
export function clientLines(pubSubHost: string): string[] {
  const variables = [
    `CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB=http://${pubSubHost}/`,
    'CLOUDSDK_AUTH_DISABLE_CREDENTIALS=true',
    'CLOUDSDK_CORE_PROJECT=cloudact-local',
  ]
  return [
    styleText('gray', '  gcloud'),
    ...variables.map(variable => `  ${variable} \\`),
    "  gcloud pubsub topics publish manual-jobs --attribute=job=bootstrap --message='{}'",
    styleText('gray', "  Google's clients for Python and Node.js find it by two variables"),
    `  export PUBSUB_EMULATOR_HOST=${pubSubHost} GOOGLE_CLOUD_PROJECT=cloudact-local`,
    `  python3 -c "from google.cloud import pubsub_v1 as p; c=p.PublisherClient(); print(c.publish(c.topic_path('cloudact-local', 'manual-jobs'), b'{}', job='bootstrap').result())"`,
    `  node -e "new (require('@google-cloud/pubsub').PubSub)().topic('manual-jobs').publishMessage({json: {}, attributes: {job: 'bootstrap'}}).then(console.log)"`,
  ]
}
