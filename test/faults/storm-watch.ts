import timers from 'node:timers/promises'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {runStateOf} from '../../lib/run/run-state.ts'
import type {OpenMessage, RestartablePubSub} from '../support/restartable-pubsub.ts'
import type {TestSandbox} from '../support/test-sandbox.ts'

/**
 * Far longer than anything in the storm is still for: a lease of 5 s, a call of the API of 20 s, a write to the ledger of
 * 15 s, a busy function that holds a request for 10 s. Only a machine that stands still takes longer.
 */
const quietMilliseconds = 120_000
const lookMilliseconds = 500
const maxLines = 60

type Watched = {
  readonly sandbox: TestSandbox
  readonly pubSub: RestartablePubSub
}

/**
 * Waits until every message has been acknowledged, however long that takes, while anything still moves: a line that a
 * function prints, an entry of the ledger, a delivery.
 *
 * @param options.onLook called with the whole ledger between two looks.
 * @throws Error with what is known of the runs that stand still.
 */
export async function waitUntilQuiet(
  {sandbox, pubSub}: Watched,
  options: {readonly onLook: (entries: readonly LedgerEntry[]) => Promise<void>},
): Promise<void> {
  let before = ''
  for (let movedAt = performance.now(); ; ) {
    const open = (await pubSub.openMessages()).filter(isWork)
    if (open.length === 0) return
    const entries = await sandbox.ledger.since(new Date(0))
    await options.onLook(entries)
    const deliveries = open.map(({messageId, deliveries}) => `${messageId}:${deliveries}`)
    const now = [sandbox.lines.length, pubSub.lines.length, entries.length, ...deliveries].join(' ')
    if (now !== before) movedAt = performance.now()
    before = now
    if (performance.now() - movedAt > quietMilliseconds) {
      const runIds = new Set(open.map(({attributes}) => attributes['runId'] ?? ''))
      throw new Error(
        `nothing has moved for ${quietMilliseconds / 1000} s, and ${open.length} messages are not acknowledged\n${await explain({sandbox, pubSub}, [...runIds])}`,
      )
    }
    await timers.setTimeout(lookMilliseconds)
  }
}

function isWork({subscription}: OpenMessage): boolean {
  return subscription !== 'dead-letters'
}

/** Everything that is known of some runs: history, who holds a lease, what is still to be delivered, what was printed. */
export async function explain({sandbox, pubSub}: Watched, runIds: readonly string[]): Promise<string> {
  const open = await pubSub.openMessages()
  const texts = await Promise.all(
    runIds.map(async runId => {
      const history = await sandbox.ledger.history(runId)
      const messages = open.filter(({attributes}) => attributes['runId'] === runId)
      const ids = new Set([...messages.map(({messageId}) => messageId), ...history.map(({messageId}) => messageId)])
      const said = pubSub.lines.filter(line => [...ids].some(id => line.includes(id)))
      return [
        `run ${runId}`,
        ...history.map(entry => `  ledger ${describeEntry(entry)}`),
        ...messages.map(message => `  open ${describeOpen(message, history)}`),
        ...sandbox.lines
          .filter(line => line.includes(runId))
          .slice(-maxLines)
          .map(line => `  function ${line}`),
        ...said.slice(-maxLines).map(line => `  Pub/Sub ${line}`),
      ].join('\n')
    }),
  )
  return texts.join('\n')
}

function describeEntry({at, event, attempt, part, messageId, leaseUntil, summary, error}: LedgerEntry): string {
  const lease = leaseUntil === undefined ? '' : ` lease until ${leaseUntil.toISOString()}`
  const text = error === undefined ? (summary ?? '') : `${error.kind ?? error.disposition}: ${error.message}`
  return `${at.toISOString()} ${event} attempt ${attempt} part ${part} message ${messageId}${lease} ${text}`.slice(
    0,
    300,
  )
}

/** A message, and what it would meet now. */
function describeOpen({subscription, messageId, deliveries, attributes}: OpenMessage, history: readonly LedgerEntry[]) {
  const number = (name: string) => Number(attributes[name] ?? 0)
  const request = {
    part: Number(attributes['part'] ?? 1),
    trigger: attributes['trigger'] === 'replay' ? ('replay' as const) : ('manual' as const),
    messageId,
    requestId: attributes['requestId'],
    checkedAttempt: number('checkedAttempt'),
    endedAttempt: number('endedAttempt'),
    doubtfulAttempt: 0,
  }
  const {kind, ...state} = runStateOf(history, request, new Date())
  const holder =
    kind === 'running'
      ? `leased until ${'leaseUntil' in state ? state.leaseUntil.toISOString() : ''} by the attempt that started last`
      : kind
  return `${subscription} message ${messageId}, delivered ${deliveries} times, part ${request.part}: the run is ${holder}`
}
