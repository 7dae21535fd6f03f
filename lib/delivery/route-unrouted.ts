import {InvalidMessageError} from '../errors/invalid-message-error.ts'
import {NotAcknowledgedError} from '../errors/not-acknowledged-error.ts'
import {type JobName, manualTopic, parseFunctionTarget, unroutedTopic} from '../job/job-name.ts'
import {messageRunId} from '../job/run-id.ts'
import {toPrintableLine} from '../log/printable.ts'
import type {Message} from '../run/message.ts'
import type {DeliveryServices} from './delivery.ts'

/**
 * Whether a message came by the subscription that gets everything on `manual-jobs`. It has no filter: 256 bytes hold
 * the names of five jobs, and a filter can't be changed.
 */
export function isUnrouted({topic, subscription}: Pick<Message, 'topic' | 'subscription'>): boolean {
  return topic === unroutedTopic || subscription === unroutedTopic
}

/**
 * Handles what the unrouted subscription brings. A message with a release job's name is that job's own subscription's
 * to deliver: acknowledged. Any other name that the command line takes is an alias, and the message goes on to its
 * job. Safe to repeat: the message that goes on has a run id derived from this one's id.
 *
 * @throws InvalidMessageError for a name that no job has.
 * @throws UnavailableError if the message could not be passed on; NotAcknowledgedError if the names are not known.
 */
export async function routeUnrouted(
  {environment, publisher, log}: Pick<DeliveryServices, 'environment' | 'publisher' | 'log'>,
  {attributes, data, messageId, publishTime}: Message,
): Promise<void> {
  if (environment.jobNames === undefined) {
    throw new NotAcknowledgedError('JOB_NAMES is missing, so nothing says which jobs there are: npm run deploy sets it')
  }
  const name = attributes['job']
  if (name === undefined) throw noSuchJob('no attribute job')
  const target = parseJobNames(environment.jobNames).get(name)
  if (target === undefined) throw noSuchJob(`job "${toPrintableLine(name, 60)}"`)
  if (target.topic === manualTopic && target.name === name) return
  await publisher.publish(target.topic, {
    // The framework takes a message without data for something else.
    data: data.length === 0 ? Buffer.from('{}') : data,
    attributes: {
      // Without a trigger, a message on a scheduled job's own topic would be its slot's run.
      trigger: 'manual',
      runId: messageRunId(target.name, messageId, publishTime),
      ...attributes,
      job: target.name,
    },
  })
  log.info(`message ${messageId} for "${toPrintableLine(name, 60)}" went on to ${target.name}`)
}

function noSuchJob(subject: string): InvalidMessageError {
  return new InvalidMessageError(`${subject} on ${manualTopic}: no job has this name, publish it with one that exists`)
}

/** `cloudact-manual-bootstrap bootstrap bootstrap-sync; cloudact-daily-alerts daily-alerts alerts`: names by job. */
function parseJobNames(text: string): ReadonlyMap<string, JobName> {
  return new Map(
    text.split('; ').flatMap(names => {
      const words = names.split(' ')
      const target = parseFunctionTarget(words[0])
      return words.map(word => [word, target] as const)
    }),
  )
}
