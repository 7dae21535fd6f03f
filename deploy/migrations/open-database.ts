import {randomUUID} from 'node:crypto'
import {styleText} from 'node:util'
import {parseEnvironment} from '../../lib/environment/environment.ts'
import {ConfigurationError} from '../../lib/errors/configuration-error.ts'
import type {Log} from '../../lib/log/log.ts'
import {createSupabase, type Supabase} from '../../lib/supabase/supabase.ts'
import {loadCatalogue} from '../catalogue/catalogue.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {createGcloud} from '../cloud/gcloud/gcloud.ts'
import {secretId} from '../cloud/manifest/secret-id.ts'

/** An environment's Supabase project, and the folder that belongs to it. */
export type MigrationDatabase = {
  readonly supabase: Supabase
  readonly projectRef: string
  readonly folder: string
  readonly close: () => Promise<void>
}

const commandSeconds = 120
/** Retries are the only thing that the client would say. */
const silent: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silent,
}

/**
 * @throws ConfigurationError where folder or token are missing or wrong; GcloudError where the secret can't be read.
 */
export async function openMigrationDatabase(
  target: TargetEnvironment,
  io: CommandIo,
  signal: AbortSignal,
): Promise<MigrationDatabase> {
  if (target.name === 'local') return openSandboxDatabase(target, io, signal)
  const given = io.env['SUPABASE_ACCESS_TOKEN'] ?? ''
  // Configuration first: gcloud takes seconds.
  const folder = parseEnvironment(variablesOf(target, io.env, {}), []).migrationsFolder
  if (folder === undefined) {
    throw new ConfigurationError(['SUPABASE_MIGRATIONS_DIR is missing: set it to the folder of your migrations'])
  }
  const token = given === '' ? await readSecret(target, io, signal) : given
  return {...createClient(target, io.env, {SUPABASE_ACCESS_TOKEN: token}, signal), folder, close: async () => {}}
}

async function readSecret(target: TargetEnvironment, io: CommandIo, signal: AbortSignal): Promise<string> {
  const gcloud = createGcloud({env: {...io.env}, projectId: target.projectId, signal})
  const secret = secretId('SUPABASE_ACCESS_TOKEN', target)
  return (await gcloud(['secrets', 'versions', 'access', 'latest', `--secret=${secret}`])).trim()
}

async function openSandboxDatabase(
  target: TargetEnvironment,
  io: CommandIo,
  signal: AbortSignal,
): Promise<MigrationDatabase> {
  const {reachSandbox} = await import('../environment/reach-sandbox.ts')
  const {addresses, leave} = await reachSandbox({
    jobs: await loadCatalogue(),
    env: io.env,
    readOnly: true,
    onNotice: text => io.stderr(styleText('gray', text)),
    signal,
  })
  const {supabaseUrl, supabaseToken, migrationsFolder} = addresses
  const variables = {SUPABASE_API_URL: supabaseUrl, SUPABASE_ACCESS_TOKEN: supabaseToken}
  return {
    ...createClient(target, io.env, variables, signal),
    folder: migrationsFolder,
    close: leave,
  }
}

function createClient(
  target: TargetEnvironment,
  env: CommandIo['env'],
  variables: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Pick<MigrationDatabase, 'supabase' | 'projectRef'> {
  const {supabaseApiUrl, supabaseProjectRef, secrets} = parseEnvironment(variablesOf(target, env, variables), [
    'SUPABASE_ACCESS_TOKEN',
  ])
  if (supabaseProjectRef === undefined || secrets.SUPABASE_ACCESS_TOKEN === undefined) {
    throw new ConfigurationError([`${target.projectId} has no Supabase project`])
  }
  const supabase = createSupabase({
    baseUrl: supabaseApiUrl,
    accessToken: secrets.SUPABASE_ACCESS_TOKEN,
    projectRef: supabaseProjectRef,
    log: silent,
    signal,
    deadline: new Date(Date.now() + commandSeconds * 1000),
    now: () => new Date(),
    random: Math.random,
    newRequestId: randomUUID,
  })
  return {supabase, projectRef: supabaseProjectRef}
}

function variablesOf(
  {projectId, environment}: TargetEnvironment,
  {SUPABASE_API_URL, SUPABASE_MIGRATIONS_DIR}: CommandIo['env'],
  more: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  return {SUPABASE_API_URL, SUPABASE_MIGRATIONS_DIR, ...more, GCP_PROJECT_ID: projectId, ENVIRONMENT: environment}
}
