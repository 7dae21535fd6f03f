import * as z from 'zod'
import {region} from '../../catalogue/environments.ts'
import {lastSegment, readJson} from '../gcloud/read-json.ts'
import {isJobName} from './is-job-name.ts'
import type {Fields} from './resource.ts'
import type {Kind} from './resource-type.ts'

const schema = z.array(
  z.object({
    name: z.string(),
    state: z.string().default('UNKNOWN'),
    labels: z.record(z.string(), z.string()).default({}),
    buildConfig: z.object({runtime: z.string().default(''), entryPoint: z.string().default('')}).default({
      runtime: '',
      entryPoint: '',
    }),
    serviceConfig: z
      .object({
        uri: z.string().optional(),
        timeoutSeconds: z.number().default(60),
        maxInstanceCount: z.number().default(100),
        maxInstanceRequestConcurrency: z.number().default(1),
        availableMemory: z.string().default(''),
        ingressSettings: z.string().default('ALLOW_ALL'),
        serviceAccountEmail: z.string().default(''),
        environmentVariables: z.record(z.string(), z.string()).default({}),
        secretEnvironmentVariables: z
          .array(z.object({key: z.string(), secret: z.string(), version: z.string().default('latest')}))
          .default([]),
      })
      .optional(),
  }),
)

const addressSchema = z.object({serviceConfig: z.object({uri: z.string().min(1)})})

/** A function's handle is the address at which its service answers. */
export const functionKind: Kind = {
  name: 'function',
  api: 'cloudfunctions.googleapis.com',
  async read({gcloud}) {
    const found = await readJson(gcloud, schema, ['functions', 'list', `--regions=${region}`, '--v2'])
    return found.map(item => ({
      kind: 'function',
      name: lastSegment(item.name),
      fields: toFields(item),
      ...(item.serviceConfig?.uri === undefined ? {} : {handle: item.serviceConfig.uri}),
    }))
  },
  create: ({name, fields, payload}) => [{gcloud: deployArgs(name, fields, payload?.['folder'] ?? '')}],
  update: ({name, fields, payload}) => [{gcloud: deployArgs(name, fields, payload?.['folder'] ?? '')}],
  remove: ({name}) => [{gcloud: ['functions', 'delete', name, '--gen2', `--region=${region}`]}],
  isOurs: ({name}) => isJobName(name),
  async readHandle({name}, gcloud) {
    const answer = await readJson(gcloud, addressSchema, [
      'functions',
      'describe',
      name,
      '--gen2',
      `--region=${region}`,
    ])
    return answer.serviceConfig.uri
  },
}

function deployArgs(name: string, fields: Fields, folder: string): string[] {
  const list = (prefix: string) =>
    Object.entries(fields)
      .filter(([field]) => field.startsWith(prefix))
      .map(([field, value]) => `${field.slice(prefix.length)}=${value}`)
      .join(',')
  const variables = list('env ')
  const secrets = list('secret ')
  return [
    'functions',
    'deploy',
    name,
    '--gen2',
    `--region=${region}`,
    `--source=${folder}`,
    `--entry-point=${name}`,
    '--trigger-http',
    '--no-allow-unauthenticated',
    `--ingress-settings=${fields['ingress']}`,
    `--runtime=${fields['runtime']}`,
    `--memory=${fields['memory']}`,
    `--concurrency=${fields['concurrency']}`,
    `--max-instances=${fields['instances at most']}`,
    `--timeout=${fields['timeout seconds']}s`,
    `--service-account=${fields['service account']}`,
    `--set-env-vars=${variables}`,
    secrets === '' ? '--clear-secrets' : `--set-secrets=${secrets}`,
    `--update-labels=bundle-hash=${fields['bundle']},version=${fields['version']}`,
  ]
}

function toFields({state, labels, buildConfig, serviceConfig}: z.output<typeof schema>[number]): Fields {
  // A deployment that failed half-way leaves a function that lists, and does not run.
  if (serviceConfig === undefined || state !== 'ACTIVE') return {state: state.toLowerCase()}
  const prefixed = (prefix: string, pairs: readonly (readonly [string, string])[]) =>
    Object.fromEntries(pairs.map(([name, value]) => [`${prefix} ${name}`, value]))
  // Set by gcloud itself.
  const variables = Object.entries(serviceConfig.environmentVariables).filter(([name]) => name !== 'LOG_EXECUTION_ID')
  const secrets = serviceConfig.secretEnvironmentVariables
  return {
    state: 'active',
    runtime: buildConfig.runtime,
    'timeout seconds': String(serviceConfig.timeoutSeconds),
    'instances at most': String(serviceConfig.maxInstanceCount),
    concurrency: String(serviceConfig.maxInstanceRequestConcurrency),
    memory: serviceConfig.availableMemory.replace(/^(\d+)(Mi|M)$/, '$1Mi'),
    ingress: serviceConfig.ingressSettings
      .toLowerCase()
      .replace(/^allow_/, '')
      .replaceAll('_', '-'),
    'service account': serviceConfig.serviceAccountEmail,
    ...prefixed('env', variables),
    ...prefixed(
      'secret',
      secrets.map(({key, secret, version}) => [key, `${lastSegment(secret)}:${version}`] as const),
    ),
    version: labels['version'] ?? 'none',
    bundle: labels['bundle-hash'] ?? 'none',
  }
}
