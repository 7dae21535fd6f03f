const reason = 'no Google Cloud credentials on this machine'
const login = 'gcloud auth application-default login'

/** What is said where Google's client libraries find no credentials, and what to do about it. */
export const noCredentials = {reason, login, text: `${reason}: run \`${login}\`, then again`} as const
