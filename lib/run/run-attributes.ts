import * as z from 'zod'

/** A number of an attempt; 0: none. */
const attemptNumber = (name: string) => z.stringFormat(name, /^\d{1,6}$/).default('0')

/** The attributes that deliver() reads; others travel along unread. */
export const attributesSchema = z.object({
  job: z.string().optional(),
  runId: z.string().optional(),
  trigger: z.enum(['schedule', 'manual', 'replay']).optional(),
  requestedBy: z.string().max(200).default('unknown'),
  part: z.stringFormat('part', /^[1-9]\d{0,6}$/).default('1'),
  replays: z.stringFormat('replays', /^\d{1,6}$/).default('0'),
  force: z.enum(['true', 'false']).default('false'),
  requestId: z.string().min(1).max(200).optional(),
  checkedAttempt: attemptNumber('checkedAttempt'),
  endedAttempt: attemptNumber('endedAttempt'),
})

/**
 * What belongs to one publication only: a message that is published again is a new request, and what an operator
 * accepted once is not accepted for the next time.
 */
const ofOnePublication = new Set(['requestId', 'checkedAttempt', 'endedAttempt', 'force'])
const notes = /^(deadLetter-|CloudPubSubDeadLetterSource)/

/** A message's own attributes, as its next publication should have them. */
export function toLastingAttributes(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).filter(([name]) => !ofOnePublication.has(name) && !notes.test(name)),
  )
}
