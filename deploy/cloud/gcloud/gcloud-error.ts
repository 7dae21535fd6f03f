/** What became of a gcloud command, as far as it matters to what happens next. */
export type GcloudFailure =
  | 'interrupted'
  | 'not installed'
  | 'not logged in'
  | 'not permitted'
  | 'not found'
  | 'exists'
  | 'busy'
  | 'refused'

/** A gcloud command that failed. */
export class GcloudError extends Error {
  override readonly name = 'GcloudError'
  readonly kind: GcloudFailure
  readonly args: readonly string[]
  /** `pubsub.topics.create`, where the refusal names it. */
  readonly permission: string | undefined
  /** Whom the refusal was meant for, as IAM names them: `user:ops@cloudact.ai`. */
  readonly account: string | undefined

  constructor(
    message: string,
    details: {
      kind: GcloudFailure
      args: readonly string[]
      permission?: string | undefined
      account?: string | undefined
    },
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.kind = details.kind
    this.args = details.args
    this.permission = details.permission
    this.account = details.account
  }
}

// In this order: a refusal because of an API that was enabled a moment ago reads like a missing permission.
const signs: readonly (readonly [GcloudFailure, RegExp])[] = [
  [
    'not logged in',
    /do not currently have an active account|gcloud auth login|invalid_grant|reauthenticat|HTTPError 401|code=401/i,
  ],
  // The status, not the word: gcloud ends every refusal with "This command is (un)authenticated …".
  ['not logged in', /\bUNAUTHENTICATED\b/],
  ['busy', /SERVICE_DISABLED|has not been used in project|is not enabled on project/i],
  ['busy', /service account .{0,120}does not exist|Principal .{0,120}does not exist/i],
  [
    'not permitted',
    /PERMISSION_DENIED|Permission '?[\w.]+'? denied|does not have permission|HTTPError 403|code=403|status=\[403\]/i,
  ],
  ['not found', /NOT_FOUND|HTTPError 404|code=404|could not be found|cannot find|status=\[404\]/i],
  ['exists', /ALREADY_EXISTS|already exists/i],
  [
    'busy',
    /RESOURCE_EXHAUSTED|UNAVAILABLE|ABORTED|HTTPError (?:409|429|503)|code=(?:409|429|503)|status=\[(?:409|429|503)\]|concurrent policy changes|unable to queue the operation|rateLimitExceeded/i,
  ],
]

/** Sorts what gcloud said once. */
export function toGcloudError(
  args: readonly string[],
  {text, cause}: {readonly text: string; readonly cause?: unknown},
): GcloudError {
  const command = `gcloud ${args.slice(0, 4).join(' ')}`
  if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
    return new GcloudError(
      'gcloud is not installed on this machine: install it from https://cloud.google.com/sdk/docs/install, then run `gcloud auth login`',
      {kind: 'not installed', args},
      {cause},
    )
  }
  if (cause instanceof Error && cause.name === 'AbortError') {
    return new GcloudError(`interrupted during ${command}`, {kind: 'interrupted', args}, {cause})
  }
  const [kind] = signs.find(([, sign]) => sign.test(text)) ?? ['refused' as const]
  const permission = /\b([a-z][a-zA-Z]+\.[a-zA-Z]+\.[a-zA-Z]+)\b['"]?(?: permission)? (?:denied|on|to access)/.exec(
    text,
  )?.[1]
  const message =
    kind === 'not logged in'
      ? 'gcloud is not logged in: run `gcloud auth login`, then again'
      : `${command} failed: ${firstLines(text)}`
  return new GcloudError(message, {kind, args, permission, account: accountIn(text)}, {cause})
}

/** gcloud ends a refusal with whom it acted for. */
function accountIn(text: string): string | undefined {
  const email = /\bauthenticated as (\S+@[\w.-]+)/.exec(text)?.[1]
  if (email === undefined) return undefined
  return `${email.endsWith('.gserviceaccount.com') ? 'serviceAccount' : 'user'}:${email}`
}

/** gcloud's own sentence; what follows it is advice about gcloud, or a trace. */
function firstLines(text: string): string {
  const error = text.slice(Math.max(0, text.search(/ERROR:/)))
  return error.split('\n').slice(0, 6).join(' ').replace(/\s+/g, ' ').trim().slice(0, 600)
}
