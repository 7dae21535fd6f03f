import {Readable, Writable} from 'node:stream'
import {stripVTControlCharacters} from 'node:util'
import {loadCatalogue} from '../../deploy/catalogue/catalogue.ts'
import {parseEnvironmentName} from '../../deploy/catalogue/environments.ts'
import type {DeadLetterQueue} from '../../deploy/environment/dead-letter-queue.ts'
import type {ReceivedMessage} from '../../deploy/environment/pull-subscription.ts'
import type {Session} from '../../deploy/environment/session.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {createMemoryLedger} from './memory-ledger.ts'
import {createRecordingPublisher} from './recording-publisher.ts'

/**
 * A session on dead letters in memory: what a command of an operator works with, and what it did.
 *
 * @param options.answer what is typed on a terminal; absent: there is none.
 * @param options.held messages that are there, and that another command holds.
 */
export async function createDeadLetterSession(
  options: {
    readonly environment?: string
    readonly messages?: readonly ReceivedMessage[]
    readonly held?: readonly string[]
    readonly entries?: readonly LedgerEntry[]
    readonly answer?: string
    readonly now?: string
    readonly columns?: number
  } = {},
) {
  const {messages = [], held = []} = options
  const there = messages.filter(({id}) => !held.includes(id))
  const acknowledged: string[] = []
  const printed: string[] = []
  const said: string[] = []
  const ledger = createMemoryLedger()
  ledger.entries.push(...(options.entries ?? []))
  const publisher = createRecordingPublisher()
  const isLeft = ({id}: ReceivedMessage) => !acknowledged.includes(id)
  const queue: DeadLetterQueue = {
    peek: async () => ({deadLetters: there.filter(isLeft), isBounded: false}),
    hold: (ids, _, work) => {
      const leased = there.filter(message => ids.includes(message.id) && isLeft(message))
      return work({
        deadLetters: leased,
        missing: ids.filter(id => !leased.some(message => message.id === id)),
        async acknowledge(id) {
          // As the real one, which can acknowledge only what it holds.
          if (!leased.some(message => message.id === id)) throw new Error(`dead letter ${id} isn't leased`)
          acknowledged.push(id)
        },
      })
    },
  }
  const terminal = new Writable({write: (chunk, _, done) => done(void said.push(String(chunk)))})
  const stdin = Readable.from(options.answer === undefined ? [] : [`${options.answer}\n`])
  const session: Session = {
    io: {
      stdout: text => void printed.push(stripVTControlCharacters(text)),
      stderr: text => void said.push(stripVTControlCharacters(text)),
      env: {},
      stdin: Object.assign(stdin, {isTTY: options.answer !== undefined}),
      terminal: Object.assign(terminal, {isTTY: false, columns: 80}),
      columns: options.columns,
    },
    environment: parseEnvironmentName(options.environment ?? 'local', {}),
    jobs: await loadCatalogue(),
    queue,
    ledger,
    ledgerVersion: async () => undefined,
    publisher,
    pubSubHost: undefined,
    pace: {nearMilliseconds: 1, farMilliseconds: 1},
    logHint: runId => `logs of ${runId}`,
    logFile: undefined,
    isTemporary: false,
    signal: new AbortController().signal,
    now: () => new Date(options.now ?? '2026-11-23T10:00:00Z'),
    close: async () => undefined,
  }
  return {
    session,
    ledger,
    acknowledged,
    published: publisher.published,
    /** Standard output, without colors. */
    stdout: () => printed.join('\n'),
    /** What the command said besides, and asked. */
    stderr: () => said.join('\n'),
  }
}
