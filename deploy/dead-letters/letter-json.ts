import type {Letter} from './letter.ts'

/** A dead letter as `--json` prints it, without its message. */
export function toLetterJson(letter: Letter, now: Date): Record<string, unknown> {
  const {original: _, ...said} = letter
  return {
    ...said,
    job: letter.job ?? null,
    runId: letter.runId ?? null,
    error: letter.error ?? null,
    sourceTopic: letter.sourceTopic ?? null,
    messageId: letter.messageId ?? null,
    ageSeconds: Math.floor((now.getTime() - letter.setAsideAt.getTime()) / 1000),
  }
}

/** The message as it was published: data as text where it is text, and as base64 in any case. */
export function toMessageJson({original: {data, attributes}}: Letter): Record<string, unknown> {
  let text: string | null
  try {
    text = new TextDecoder('utf-8', {fatal: true}).decode(data)
  } catch {
    text = null
  }
  return {message: {attributes, text, base64: data.toString('base64')}}
}
