import {parseEnvironmentName} from '../../deploy/catalogue/environments.ts'
import {discardByIds} from '../../deploy/dead-letters/discard.ts'
import {loadDeadLetters} from '../../deploy/dead-letters/load-dead-letters.ts'
import {replayDeadLetters} from '../../deploy/dead-letters/replay-dead-letter.ts'
import {createDeadLetterQueue} from '../../deploy/environment/dead-letter-queue.ts'
import {localProjectId} from '../../deploy/local/sandbox.ts'
import {cancelRun} from '../../deploy/runs/cancel.ts'
import {createBigQuery} from '../../lib/bigquery/bigquery-client.ts'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import type {Job} from '../../lib/job/job.ts'
import {createRunLedger} from '../../lib/ledger/run-ledger.ts'
import {createMessagePublisher} from '../../lib/run/message-publisher.ts'
import type {SeededRandom} from '../support/seeded-random.ts'
import type {TestSandbox} from '../support/test-sandbox.ts'

/** What an operator was told that became of a dead letter. */
export type Settlement = {
  readonly id: string
  readonly operator: string
  readonly verb: 'replayed' | 'discarded'
  /** Absent where everything is on record; a replay that could not be recorded says so. */
  readonly warning?: string
}

type Verb = 'replay' | 'discard'
const pairs: readonly [readonly [Verb, Verb], ...(readonly [Verb, Verb])[]] = [
  ['replay', 'discard'],
  ['replay', 'replay'],
  ['discard', 'discard'],
]

/** Two people at two machines, each with the code of the commands and with what the sandbox knows. */
export function createOperators({
  sandbox,
  jobs,
  random,
}: {
  readonly sandbox: TestSandbox
  readonly jobs: readonly Job[]
  readonly random: SeededRandom
}) {
  // Their own, as a command has it: a ledger that does not answer is a reason to try again.
  const {pubSubHost: host, bigQueryUrl: url} = sandbox.addresses
  const ledger = createRunLedger(createBigQuery({projectId: localProjectId, url}))
  const {signal} = new AbortController()
  const now = () => new Date()
  const publisher = createMessagePublisher({projectId: localProjectId, host})
  const settlements: Settlement[] = []
  const createSources = () => ({
    queue: createDeadLetterQueue({projectId: localProjectId, host, pauseMilliseconds: 20, random: Math.random}),
    ledger,
    jobs,
    signal,
    now,
  })

  async function settle(operator: string, verb: Verb, limit: number): Promise<void> {
    const session = createSources()
    try {
      const inventory = await loadDeadLetters(session, {}, signal)
      const deadLetters = inventory.deadLetters.slice(0, limit)
      if (verb === 'discard') {
        const ids = deadLetters.map(({id}) => id)
        const onDiscarded = ({id}: {id: string}) => void settlements.push({id, operator, verb: 'discarded'})
        await discardByIds(session, ids, {reason: 'storm', onDiscarded})
        return
      }
      const ids = deadLetters.flatMap(({id, isAvailable}) => (isAvailable ? [id] : []))
      if (ids.length === 0) return
      const environment = parseEnvironmentName('local', {})
      const services = {...session, environment, publisher, requestedBy: operator, isForced: false}
      await session.queue.hold(ids, signal, async ({deadLetters: leased, acknowledge}) => {
        const there = deadLetters.filter(({id}) => leased.some(message => message.id === id))
        await replayDeadLetters(services, {acknowledge}, there, {
          signal,
          onResult(result) {
            const {kind, deadLetter} = result
            if (kind !== 'replayed') return
            const warning = result.warning === undefined ? {} : {warning: result.warning}
            settlements.push({id: deadLetter.id, operator, verb: 'replayed', ...warning})
          },
        })
      })
    } catch (error) {
      // What was not done is still listed: a person reads that, and tries again.
      if (!(error instanceof UnavailableError)) throw error
    }
  }

  return {
    settlements: settlements as readonly Settlement[],
    /** Both see the same dead letters, and begin with the oldest at the same moment. */
    async settleAtOnce(verbs: readonly [Verb, Verb] = random.pick(pairs)): Promise<void> {
      const limits = verbs.map(() => 1 + random.below(10))
      await Promise.all(verbs.map((verb, index) => settle(index === 0 ? 'ada' : 'bob', verb, limits[index] ?? 1)))
    },
    inventory: () => loadDeadLetters({...createSources(), ledger: sandbox.ledger}, {}, signal),
    cancel: (runId: string) => cancelRun({ledger: sandbox.ledger, now}, runId, 'ada'),
    stop: () => publisher.close(),
  }
}
