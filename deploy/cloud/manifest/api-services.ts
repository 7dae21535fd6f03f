/** Id of the one resource that stands for all APIs. */
export const allApis = 'api services'

/** APIs of Google Cloud that the service and its deployment need. */
export const services = [
  'artifactregistry',
  'bigquery',
  'cloudbuild',
  'cloudfunctions',
  // For a deployment by a service account, as Cloud Build's is.
  'cloudresourcemanager',
  'cloudscheduler',
  'iam',
  'logging',
  'monitoring',
  'pubsub',
  'run',
  'secretmanager',
  'serviceusage',
  'storage',
].map(name => `${name}.googleapis.com`)
