import * as z from 'zod'
import {UsageError} from '../cli/usage-error.ts'
import type {Gcloud} from './gcloud/gcloud.ts'
import {GcloudError} from './gcloud/gcloud-error.ts'
import {readJson} from './gcloud/read-json.ts'

const accountsSchema = z.array(z.object({account: z.string()}))

/** The account that gcloud acts for; undefined: nobody is logged in. */
export async function readActiveAccount(gcloud: Gcloud): Promise<string | undefined> {
  const [active] = await readJson(gcloud, accountsSchema, ['auth', 'list', '--filter=status:ACTIVE'])
  return active?.account
}

/**
 * Finds out within a second, without a network, whether gcloud can do anything at all.
 *
 * @throws UsageError where it is missing, or nobody is logged in.
 */
export async function checkLogin(gcloud: Gcloud, env: Readonly<Record<string, string | undefined>>): Promise<void> {
  // gcloud then acts without an account, or with a token that it is given.
  if (env['CLOUDSDK_AUTH_DISABLE_CREDENTIALS'] === 'true' || env['CLOUDSDK_AUTH_ACCESS_TOKEN_FILE']) return
  let account: string | undefined
  try {
    account = await readActiveAccount(gcloud)
  } catch (error) {
    if (error instanceof GcloudError && error.kind === 'not installed')
      throw new UsageError(error.message, {isInHelp: false})
    throw error
  }
  if (account !== undefined) return
  throw new UsageError('gcloud is not logged in: run `gcloud auth login`, then again', {isInHelp: false})
}
