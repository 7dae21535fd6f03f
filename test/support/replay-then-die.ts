import {loadCatalogue} from '../../deploy/catalogue/catalogue.ts'
import {parseEnvironmentName} from '../../deploy/catalogue/environments.ts'
import {readDeadLetter} from '../../deploy/dead-letters/dead-letter.ts'
import {replayDeadLetters} from '../../deploy/dead-letters/replay-dead-letter.ts'
import {createDeadLetterQueue} from '../../deploy/environment/dead-letter-queue.ts'
import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import {createRunLedger} from '../../lib/ledger/run-ledger.ts'
import {createMessagePublisher} from '../../lib/run/message-publisher.ts'

/*
 * A replay that is killed at the worst moment: its message is published, the letter not yet acknowledged; or just before
 * that. Arguments: project, Pub/Sub's host, BigQuery's URL, the letter's id, the moment.
 */
const [, , projectId = '', host = '', url = '', id = '', moment = 'after publishing'] = process.argv
process.env['METADATA_SERVER_DETECTION'] = 'none'

const jobs = await loadCatalogue()
const publisher = createMessagePublisher({projectId, host})
const queue = createDeadLetterQueue({projectId, host, pauseMilliseconds: 20, random: Math.random, leaseSeconds: 1})
const services = {
  jobs,
  ledger: createRunLedger(createBigQuery({projectId, url})),
  publisher: {
    ...publisher,
    async publish(...message: Parameters<typeof publisher.publish>) {
      if (moment === 'before publishing') process.kill(process.pid, 'SIGKILL')
      const messageId = await publisher.publish(...message)
      process.kill(process.pid, 'SIGKILL')
      return messageId
    },
  },
  environment: parseEnvironmentName('local', {}),
  requestedBy: 'test',
  isForced: false,
  now: () => new Date(),
}
const {signal} = new AbortController()
await queue.hold([id], signal, leased =>
  replayDeadLetters(
    services,
    leased,
    leased.deadLetters.map(deadLetter => readDeadLetter(deadLetter, jobs)),
    {signal, onResult: () => {}},
  ),
)
