import * as z from 'zod'
import {region} from '../../catalogue/environments.ts'
import type {Gcloud} from '../gcloud/gcloud.ts'
import {lastSegment, readJson} from '../gcloud/read-json.ts'
import {isJobName} from '../names/is-job-name.ts'
import type {ActualState, DesiredState, Fields} from './resource.ts'
import type {ResourceType} from './resource-type.ts'
import type {FunctionSpec} from './specs.ts'

const schema = z.array(
  z.object({
    name: z.string(),
    state: z.string().default('UNKNOWN'),
    labels: z.record(z.string(), z.string()).default({}),
    buildConfig: z
      .object({runtime: z.string().default(''), serviceAccount: z.string().default('')})
      .default({runtime: '', serviceAccount: ''}),
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

/** Functions. A function's address is where its service answers. */
export const functionType: ResourceType<'function'> = {
  name: 'function',
  api: 'cloudfunctions.googleapis.com',
  read: ({gcloud}) => readFunctions(gcloud),
  keep(desired, {fields}) {
    const {spec} = desired
    const kept = spec.keeps.flatMap(name => {
      const value = fields[`env ${name}`]
      return value === undefined || spec.variables[name] !== undefined ? [] : [[name, value] as const]
    })
    const variables = {...spec.variables, ...Object.fromEntries(kept)}
    return {
      desired: {...desired, spec: {...spec, variables}, fields: functionFields({...spec, variables})},
      notes: kept.map(([name, value]) => `${name} stays ${value}, as deployed: it isn't set in this shell`),
    }
  },
  create: desired => [{gcloud: deployArgs(desired)}],
  update: desired => [{gcloud: deployArgs(desired)}],
  remove: ({name}) => [{gcloud: ['functions', 'delete', name, '--gen2', `--region=${region}`]}],
  isOurs: ({name}) => isJobName(name),
  async readAddress(name, gcloud) {
    const args = ['functions', 'describe', name, '--gen2', `--region=${region}`]
    return (await readJson(gcloud, addressSchema, args)).serviceConfig.uri
  },
}

/** Every function of the region. */
export async function readFunctions(gcloud: Gcloud): Promise<ActualState<'function'>[]> {
  const functions = await readJson(gcloud, schema, ['functions', 'list', `--regions=${region}`, '--v2'])
  return functions.map(item => ({
    type: 'function',
    name: lastSegment(item.name),
    fields: toFields(item),
    ...(item.serviceConfig?.uri === undefined ? {} : {address: item.serviceConfig.uri}),
  }))
}

/** A function's fields as they are compared. */
export function functionFields(spec: FunctionSpec): Fields {
  return {
    state: 'active',
    runtime: spec.runtime,
    'timeout seconds': String(spec.timeoutSeconds),
    'max instances': String(spec.maxInstances),
    concurrency: String(spec.concurrency),
    memory: spec.memory,
    ingress: spec.ingress,
    'service account': spec.account,
    'build account': spec.buildAccount,
    ...prefixed('env', Object.entries(spec.variables)),
    ...prefixed('secret', Object.entries(spec.secrets)),
    version: spec.version,
    bundle: spec.bundleHash,
  }
}

function deployArgs({name, spec}: DesiredState<'function'>): string[] {
  const list = (pairs: Readonly<Record<string, string>>) =>
    Object.entries(pairs)
      .map(([key, value]) => `${key}=${value}`)
      .join(',')
  const secrets = list(spec.secrets)
  return [
    'functions',
    'deploy',
    name,
    '--gen2',
    `--region=${region}`,
    `--source=${spec.folder}`,
    `--entry-point=${name}`,
    '--trigger-http',
    '--no-allow-unauthenticated',
    `--ingress-settings=${spec.ingress}`,
    `--runtime=${spec.runtime}`,
    `--memory=${spec.memory}`,
    `--concurrency=${spec.concurrency}`,
    `--max-instances=${spec.maxInstances}`,
    `--timeout=${spec.timeoutSeconds}s`,
    `--service-account=${spec.account}`,
    // New projects' default account may build nothing, and gcloud doesn't say so with --quiet.
    `--build-service-account=${spec.buildAccount}`,
    `--set-env-vars=${list(spec.variables)}`,
    secrets === '' ? '--clear-secrets' : `--set-secrets=${secrets}`,
    `--update-labels=bundle-hash=${spec.bundleHash},version=${spec.version}`,
  ]
}

function toFields({state, labels, buildConfig, serviceConfig}: z.output<typeof schema>[number]): Fields {
  // A deployment that failed half-way leaves a function that is listed, and does not run.
  if (serviceConfig === undefined || state !== 'ACTIVE') return {state: state.toLowerCase()}
  // Set by gcloud itself.
  const variables = Object.entries(serviceConfig.environmentVariables).filter(([name]) => name !== 'LOG_EXECUTION_ID')
  const secrets = serviceConfig.secretEnvironmentVariables
  return {
    state: 'active',
    runtime: buildConfig.runtime,
    'timeout seconds': String(serviceConfig.timeoutSeconds),
    'max instances': String(serviceConfig.maxInstanceCount),
    concurrency: String(serviceConfig.maxInstanceRequestConcurrency),
    memory: serviceConfig.availableMemory.replace(/^(\d+)(Mi|M)$/, '$1Mi'),
    ingress: serviceConfig.ingressSettings
      .toLowerCase()
      .replace(/^allow_/, '')
      .replaceAll('_', '-'),
    'service account': serviceConfig.serviceAccountEmail,
    'build account': buildConfig.serviceAccount,
    ...prefixed('env', variables),
    ...prefixed(
      'secret',
      secrets.map(({key, secret, version}) => [key, `${lastSegment(secret)}:${version}`] as const),
    ),
    version: labels['version'] ?? 'none',
    bundle: labels['bundle-hash'] ?? 'none',
  }
}

function prefixed(prefix: string, pairs: readonly (readonly [string, string])[]): Fields {
  return Object.fromEntries(pairs.map(([name, value]) => [`${prefix} ${name}`, value]))
}
