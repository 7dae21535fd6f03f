import type {DeadLetter} from './dead-letter.ts'

/** A dead letter as `--json` prints it, without its message. */
export function toDeadLetterJson(deadLetter: DeadLetter, now: Date): Record<string, unknown> {
  const {original: _, ...said} = deadLetter
  return {
    ...said,
    job: deadLetter.job ?? null,
    runId: deadLetter.runId ?? null,
    error: deadLetter.error ?? null,
    sourceTopic: deadLetter.sourceTopic ?? null,
    messageId: deadLetter.messageId ?? null,
    ageSeconds: Math.floor((now.getTime() - deadLetter.deadLetteredAt.getTime()) / 1000),
  }
}

/** The message as it was published: data as text where it is text, and as base64 in any case. */
export function toMessageJson({original: {data, attributes}}: DeadLetter): Record<string, unknown> {
  let text: string | null
  try {
    text = new TextDecoder('utf-8', {fatal: true}).decode(data)
  } catch {
    text = null
  }
  return {message: {attributes, text, base64: data.toString('base64')}}
}
