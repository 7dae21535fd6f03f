import {GoogleAuth} from 'google-auth-library'
import {ConfigurationError} from '../../lib/errors/configuration-error.ts'

/**
 * Looks whether the client libraries find credentials on this machine; asks nobody whether these are still good.
 *
 * Without them Pub/Sub's client throws where nobody can catch it: before anything else is done is the time to ask.
 *
 * @throws ConfigurationError that says how to log in.
 */
export async function checkCredentials(): Promise<void> {
  try {
    await new GoogleAuth({scopes: 'https://www.googleapis.com/auth/cloud-platform'}).getClient()
  } catch (cause) {
    throw new ConfigurationError(
      ['no Google Cloud credentials on this machine: run `gcloud auth application-default login`, then again'],
      {cause},
    )
  }
}
