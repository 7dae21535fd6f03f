import type {DeadLetterNote, OutgoingMessage} from '../../lib/dead-letter.ts'
import {parseDeadLetterNote} from '../../lib/dead-letter.ts'
import {deadLettersTopic} from '../../lib/job-name.ts'
import type {MessagePublisher} from '../../lib/message-publisher.ts'

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
