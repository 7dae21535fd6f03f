import {GoogleAuth} from 'google-auth-library'
import {ConfigurationError} from '../../lib/errors/configuration-error.ts'
import {noCredentials} from '../cli/no-credentials.ts'

/**
 * Checks that the client libraries find credentials on this machine, not that these are still valid.
 *
 * Without them Pub/Sub's client throws where no caller can catch it, so they are checked before anything else.
 *
 * @throws ConfigurationError that says how to log in.
 */
export async function checkCredentials(): Promise<void> {
  try {
    await new GoogleAuth({scopes: 'https://www.googleapis.com/auth/cloud-platform'}).getClient()
  } catch (cause) {
    throw new ConfigurationError([noCredentials.text], {cause})
  }
}
