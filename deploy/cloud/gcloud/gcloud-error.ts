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
  /** All that gcloud printed about it. */
  readonly refusal: string
  /** Whether it may only mean that something isn't known everywhere yet, if that was made a moment ago. */
  readonly mayBeNew: boolean
  /** `pubsub.topics.create`, where the refusal names it. */
  readonly permission: string | undefined
  /** The account that was refused, as IAM names it: `user:ops@cloudact.ai`. */
  readonly account: string | undefined

  constructor(
    message: string,
    details: {
      kind: GcloudFailure
      args: readonly string[]
      refusal?: string
      permission?: string | undefined
      account?: string | undefined
    },
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.kind = details.kind
    this.args = details.args
    this.refusal = details.refusal ?? ''
    this.mayBeNew = signsOfNew.some(sign => sign.test(this.refusal))
    this.permission = details.permission
    this.account = details.account
  }
}

// How Google refuses what refers to something that it doesn't know: for 30 to 120 s after that was made, too.
const signsOfNew = [
  /service account\b[\s\S]{0,200}(?:does not exist|was not found|not found|may not exist)/i,
  /(?:invalid|unknown) service account/i,
  /\bactAs\b/i,
  /Principal [\s\S]{0,200}does not exist|(?:member|account)\b[\s\S]{0,200}does not exist/i,
  /Resource not found \(resource=/i,
  /Unable to retrieve the repository metadata/i,
  /Cannot find metric/i,
  /SERVICE_DISABLED|has not been used in project|is not enabled on project/i,
]

// In this order. The status, not the word: gcloud ends every refusal with "This command is (un)authenticated …".
const signs: readonly (readonly [GcloudFailure, RegExp])[] = [
  [
    'not logged in',
    /do not currently have an active account|gcloud auth login|invalid_grant|reauthenticat|HTTPError 401|code=401|\bstatus=\[401\]/i,
  ],
  ['not logged in', /\bUNAUTHENTICATED\b/],
  ['refused', /SERVICE_DISABLED|has not been used in project|is not enabled on project/i],
  ['busy', /rateLimitExceeded|rate limit exceeded/i],
  [
    'not permitted',
    /PERMISSION_DENIED|Permission '?[\w.]+'? denied|does not have permission|HTTPError 403|code=403|status=\[403\]/i,
  ],
  ['not found', /NOT_FOUND|HTTPError 404|code=404|could not be found|cannot find|status=\[404\]/i],
  ['exists', /ALREADY_EXISTS|already exists/i],
  [
    'busy',
    /RESOURCE_EXHAUSTED|UNAVAILABLE|ABORTED|DEADLINE_EXCEEDED|HTTPError (?:409|412|429|5\d\d)|code=(?:409|412|429|5\d\d|13\b)|status=\[(?:409|412|429|5\d\d)\]|concurrent policy changes|unable to queue the operation|conditionNotMet/i,
  ],
  ['busy', /\bINTERNAL\b/],
]

/** Classifies what gcloud printed, once. */
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
  return new GcloudError(message, {kind, args, refusal: text, permission, account: accountIn(text)}, {cause})
}

/** gcloud ends a refusal with the account that it acted for. */
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
