import type {Gcloud} from '../../deploy/cloud/gcloud/gcloud.ts'
import {toGcloudError} from '../../deploy/cloud/gcloud/gcloud-error.ts'

type Flags = Readonly<Record<string, string>>
type Document = Readonly<Record<string, unknown>>
/** A gcloud whose arguments are written down, and whose project is in memory. */
export type GcloudFake = {
  readonly gcloud: Gcloud
  /** Every command that changes something, in order. */
  readonly changes: readonly (readonly string[])[]
  /** What is there, by collection and name. */
  readonly documents: Map<string, Map<string, Document>>
  /** What gcloud says on standard error instead of doing it; undefined: it does it. */
  refuse: (args: readonly string[]) => string | undefined
}

const project = 'projects/cloudact-testing-1'
const seconds = (flag: string | undefined) => flag ?? ''

/** The documents that the commands make, as the services give them back. */
const makers: Readonly<Record<string, (name: string, flags: Flags) => Document>> = {
  'iam service-accounts': (name, flags) => ({
    email: `${name}@cloudact-testing-1.iam.gserviceaccount.com`,
    displayName: flags['display-name'],
  }),
  'pubsub topics': name => ({name: `${project}/topics/${name}`}),
  'pubsub subscriptions': (name, flags) => ({
    name: `${project}/subscriptions/${name}`,
    topic: `${project}/topics/${flags['topic']}`,
    ackDeadlineSeconds: Number(flags['ack-deadline']),
    messageRetentionDuration: flags['message-retention-duration'],
    expirationPolicy: {},
    ...(flags['message-filter'] === undefined ? {} : {filter: flags['message-filter']}),
    ...(flags['push-endpoint'] === undefined
      ? {}
      : {
          pushConfig: {
            pushEndpoint: flags['push-endpoint'],
            oidcToken: {
              serviceAccountEmail: flags['push-auth-service-account'],
              audience: flags['push-auth-token-audience'],
            },
          },
          retryPolicy: {minimumBackoff: flags['min-retry-delay'], maximumBackoff: flags['max-retry-delay']},
          deadLetterPolicy: {
            deadLetterTopic: `${project}/topics/${flags['dead-letter-topic']}`,
            maxDeliveryAttempts: Number(flags['max-delivery-attempts']),
          },
        }),
  }),
  functions: (name, flags) => ({
    name: `${project}/locations/us-central1/functions/${name}`,
    state: 'ACTIVE',
    labels: pairs(flags['update-labels']),
    buildConfig: {
      runtime: flags['runtime'],
      entryPoint: flags['entry-point'],
      serviceAccount: flags['build-service-account'],
    },
    serviceConfig: {
      uri: `https://${name}-abc-uc.a.run.app`,
      timeoutSeconds: Number.parseInt(flags['timeout'] ?? '', 10),
      maxInstanceCount: Number(flags['max-instances']),
      maxInstanceRequestConcurrency: Number(flags['concurrency']),
      availableMemory: flags['memory'],
      ingressSettings: flags['ingress-settings'] === 'internal-only' ? 'ALLOW_INTERNAL_ONLY' : 'ALLOW_ALL',
      serviceAccountEmail: flags['service-account'],
      environmentVariables: {...pairs(flags['set-env-vars']), LOG_EXECUTION_ID: 'true'},
      secretEnvironmentVariables: Object.entries(pairs(flags['set-secrets'])).map(([key, value]) => {
        const [secret, version] = value.split(':')
        return {key, secret, version}
      }),
    },
  }),
  'scheduler jobs': (name, flags) => ({
    name: `${project}/locations/us-central1/jobs/${name}`,
    schedule: flags['schedule'],
    timeZone: flags['time-zone'],
    state: 'ENABLED',
    ...(flags['description'] === undefined ? {} : {description: flags['description']}),
    pubsubTarget: {
      topicName: flags['topic'],
      data: Buffer.from(flags['message-body'] ?? '').toString('base64'),
      attributes: pairs(flags['attributes'] ?? flags['update-attributes']),
    },
    retryConfig: {
      retryCount: Number(flags['max-retry-attempts']),
      minBackoffDuration: seconds(flags['min-backoff']),
      maxBackoffDuration: seconds(flags['max-backoff']),
    },
  }),
  'beta monitoring channels': (_, flags) => ({
    name: `${project}/notificationChannels/1`,
    type: flags['type'],
    labels: pairs(flags['channel-labels']),
  }),
  'alpha monitoring policies': (_, flags) => ({...JSON.parse(flags['policy'] ?? '{}')}),
  'monitoring dashboards': (_, flags) => ({...JSON.parse(flags['config'] ?? '{}')}),
}

export function createGcloudFake(options: {
  readonly secrets: readonly string[]
  /** Reads the file that a command names. */
  readonly readConfig: (path: string) => Document
}): GcloudFake {
  const changes: (readonly string[])[] = []
  const documents: GcloudFake['documents'] = new Map()
  const policies = new Map<string, {role: string; members: string[]}[]>()
  const collection = (name: string) => {
    const present = documents.get(name) ?? new Map<string, Document>()
    documents.set(name, present)
    return present
  }
  for (const name of options.secrets) collection('secrets').set(name, {name: `${project}/secrets/${name}`})

  const answer = (args: readonly string[]): unknown => {
    const flags = flagsOf(args)
    const plain = args.filter(word => !word.startsWith('--'))
    const text = plain.join(' ')
    const policy = /^(.*) (get|add)-iam-policy(?:-binding)? (\S+)$/.exec(text)
    if (policy !== null) {
      const bindings = policies.get(`${policy[1]} ${policy[3]}`) ?? []
      if (policy[2] === 'get') return bindings.length === 0 ? [] : {bindings}
      changes.push(args)
      policies.set(`${policy[1]} ${policy[3]}`, [
        ...bindings,
        {role: flags['role'] ?? '', members: [flags['member'] ?? '']},
      ])
      return {}
    }
    if (text.startsWith('projects describe')) return {projectNumber: '123'}
    if (text === 'services list') return [...collection('services').keys()].map(name => ({config: {name}}))
    if (text.startsWith('secrets versions list')) return [{name: 'versions/1'}]
    if (text.startsWith('functions describe')) return collection('functions').get(plain[2] ?? '')
    const turned = /^scheduler jobs (pause|resume) (\S+)$/.exec(text)
    if (turned !== null) {
      const [, to, id = ''] = turned
      const before = collection('scheduler jobs').get(id)
      if (before === undefined) throw toGcloudError(args, {text: 'ERROR: NOT_FOUND: Job not found.'})
      changes.push(args)
      collection('scheduler jobs').set(id, {...before, state: to === 'pause' ? 'PAUSED' : 'ENABLED'})
      return {}
    }
    const verb = plain.findIndex(word => ['list', 'create', 'update', 'deploy', 'delete', 'enable'].includes(word))
    const name = plain.slice(0, verb).join(' ')
    if (plain[verb] === 'list') return [...collection(name).values()]
    changes.push(args)
    if (text.startsWith('services enable')) {
      for (const service of plain.slice(2)) collection('services').set(service, {})
      return {}
    }
    const id = plain.at(-1) ?? ''
    if (plain[verb] === 'delete') return void collection(name).delete(id)
    const config = flags['config-from-file']
    const made = config === undefined ? makers[name]?.(id, flags) : options.readConfig(config)
    if (made === undefined) throw new Error(`the fake knows no ${name}`)
    const key = String(made['displayName'] ?? id)
    // What only other commands change stays: whether a schedule is paused.
    const {state, description} = collection(name).get(key) ?? {}
    collection(name).set(key, {
      ...made,
      ...(name === 'scheduler jobs' && state !== undefined ? {state} : {}),
      ...(name === 'scheduler jobs' && description !== undefined && !('description' in made) ? {description} : {}),
      ...('name' in made ? {} : {name: `${project}/${key}`}),
    })
    return {}
  }
  const fake: GcloudFake = {
    changes,
    documents,
    refuse: () => undefined,
    async gcloud(args) {
      const refusal = fake.refuse(args)
      if (refusal !== undefined) throw toGcloudError(args, {text: refusal})
      return JSON.stringify(answer(args) ?? {})
    },
  }
  return fake
}

function flagsOf(args: readonly string[]): Flags {
  return Object.fromEntries(
    args.flatMap(word => {
      const match = /^--([a-z-]+)(?:=(.*))?$/s.exec(word)
      return match === null ? [] : [[match[1] ?? '', match[2] ?? 'true']]
    }),
  )
}

function pairs(text = ''): Record<string, string> {
  if (text === '') return {}
  return Object.fromEntries(text.split(',').map(pair => [pair.replace(/=.*/s, ''), pair.replace(/^[^=]*=/, '')]))
}
