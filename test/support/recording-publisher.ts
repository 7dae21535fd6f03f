import {deadLettersTopic} from '../../lib/job/job-name.ts'
import type {DeadLetterNote, OutgoingMessage} from '../../lib/run/dead-letter.ts'
import {parseDeadLetterNote} from '../../lib/run/dead-letter.ts'
import type {MessagePublisher} from '../../lib/run/message-publisher.ts'

export type Published = OutgoingMessage & {readonly topic: string}

/** A publisher that keeps what it is given; the first message is `message-1`. */
export function createRecordingPublisher(): MessagePublisher & {
  readonly published: Published[]
  /** Notes of the dead letters so far. */
  readonly notes: () => (DeadLetterNote | undefined)[]
} {
  const published: Published[] = []
  return {
    published,
    notes: () =>
      published.filter(({topic}) => topic === deadLettersTopic).map(({attributes}) => parseDeadLetterNote(attributes)),
    async publish(topic, message) {
      published.push({topic, ...message})
      return `message-${published.length}`
    },
    close: async () => undefined,
  }
}
