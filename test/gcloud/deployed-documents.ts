type Documents = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/**
 * What Google's APIs must have been told, written by hand and not made by the code under test: one of each type, by the
 * path under which it is kept.
 */
export function deployedDocuments({projectId}: {readonly projectId: string}): Documents {
  const project = `projects/${projectId}`
  const place = `${project}/locations/us-central1`
  const pushedBy = `job-push@${projectId}.iam.gserviceaccount.com`
  const subscription = {
    ackDeadlineSeconds: 600,
    expirationPolicy: {},
    retryPolicy: {minimumBackoff: '10s', maximumBackoff: '600s'},
  }
  const pushTo = (name: string, topic: string) => {
    const audience = `https://${name}-abc-uc.a.run.app`
    return {
      oidcToken: {audience, serviceAccountEmail: pushedBy},
      pushEndpoint: `${audience}/${project}/topics/${topic}`,
    }
  }
  return {
    [`v2/${place}/functions/cloudact-daily-alerts`]: {
      serviceConfig: {
        availableMemory: '512Mi',
        environmentVariables: {ENVIRONMENT: 'staging', GCP_PROJECT_ID: projectId},
        ingressSettings: 'ALLOW_INTERNAL_ONLY',
        maxInstanceCount: 1,
        maxInstanceRequestConcurrency: 1,
        secretEnvironmentVariables: [
          {key: 'CA_ROOT_API_KEY', projectId: '123456789012', secret: 'ca-root-api-key-test', version: 'latest'},
        ],
        serviceAccountEmail: `job-daily-alerts@${projectId}.iam.gserviceaccount.com`,
        timeoutSeconds: 540,
        uri: 'https://cloudact-daily-alerts-abc-uc.a.run.app',
        service: 'services/cloudact-daily-alerts',
      },
    },
    [`v1/${project}/subscriptions/cloudact-daily-alerts`]: {
      ...subscription,
      topic: `${project}/topics/cloudact-daily-alerts`,
      filter: undefined,
      deadLetterPolicy: {deadLetterTopic: `${project}/topics/dead-letters`, maxDeliveryAttempts: 10},
      pushConfig: pushTo('cloudact-daily-alerts', 'cloudact-daily-alerts'),
    },
    [`v1/${project}/subscriptions/cloudact-manual-bootstrap`]: {
      ...subscription,
      topic: `${project}/topics/manual-jobs`,
      filter: 'attributes.job = "bootstrap"',
      deadLetterPolicy: {deadLetterTopic: `${project}/topics/dead-letters`, maxDeliveryAttempts: 20},
      pushConfig: pushTo('cloudact-manual-bootstrap', 'manual-jobs'),
    },
    [`v1/${project}/subscriptions/dead-letters`]: {
      topic: `${project}/topics/dead-letters`,
      ackDeadlineSeconds: 60,
      expirationPolicy: {},
      messageRetentionDuration: `${14 * 24 * 60 * 60}s`,
      pushConfig: undefined,
    },
    [`v1/${place}/jobs/cloudact-monthly-quota-reset-trigger`]: {
      schedule: '5 0 1 * *',
      timeZone: 'UTC',
      pubsubTarget: {
        attributes: {job: 'monthly-quota-reset', trigger: 'schedule'},
        data: Buffer.from('{}').toString('base64'),
        topicName: `${project}/topics/cloudact-monthly-quota-reset`,
      },
    },
  }
}

/** Who is permitted what: path of what the policy is about, role, and exactly these members. */
export function deployedPermissions(project: {
  readonly projectId: string
  readonly projectNumber: string
}): readonly (readonly [path: string, role: string, members: readonly string[]])[] {
  const {projectId, projectNumber} = project
  const of = (...names: string[]) =>
    names.map(name => `serviceAccount:job-${name}@${projectId}.iam.gserviceaccount.com`)
  const agent = `serviceAccount:service-${projectNumber}@gcp-sa-pubsub.iam.gserviceaccount.com`
  const v1 = `v1/projects/${projectId}`
  const daily = ['daily-alerts', 'daily-pipelines', 'daily-quota-reset', 'daily-stale-cleanup', 'monthly-quota-reset']
  return [
    // Only migrate reads the Supabase token; the quota clean-up reads no secret at all.
    [`${v1}/secrets/supabase-access-token-stage`, 'secretmanager.secretAccessor', of('manual-supabase-migrate')],
    [
      `${v1}/secrets/ca-root-api-key-test`,
      'secretmanager.secretAccessor',
      of(...daily, 'manual-bootstrap', 'manual-org-sync-all'),
    ],
    [`v1/projects/${projectId}/locations/us-central1/services/cloudact-daily-alerts`, 'run.invoker', of('push')],
    [`${v1}/serviceAccounts/job-push@${projectId}.iam.gserviceaccount.com`, 'iam.serviceAccountTokenCreator', [agent]],
    [`${v1}/subscriptions/cloudact-daily-alerts`, 'pubsub.subscriber', [agent]],
    [
      `${v1}/topics/manual-jobs`,
      'pubsub.publisher',
      of('manual-bootstrap', 'manual-org-sync-all', 'manual-supabase-migrate'),
    ],
  ]
}
