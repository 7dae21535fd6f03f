import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type PubSubServer, startPubSubServer} from '../../deploy/local/pubsub/server/server.ts'
import {journalRecord} from '../../deploy/local/pubsub/state/journal-record.ts'
import {applyRecord, createSavedState} from '../../deploy/local/pubsub/state/saved-state.ts'

/** A message that a subscription still has to deliver. */
export type OpenMessage = {
  readonly subscription: string
  readonly messageId: string
  readonly attributes: Readonly<Record<string, string>>
  readonly deliveries: number
}

export type RestartablePubSub = {
  readonly host: string
  /** What it said: each push that failed, each message that it dead-lettered by itself. */
  readonly lines: readonly string[]
  /** Everything not acknowledged, as the journal has it. */
  readonly openMessages: () => Promise<OpenMessage[]>
  /** Stops it for a while, in which nothing is published or acknowledged, and starts it with its state. */
  readonly restart: (downMilliseconds: number) => Promise<void>
  readonly stop: () => Promise<void>
}

/** The embedded Pub/Sub with its state in a temporary folder, on a port that it keeps. */
export async function startRestartablePubSub(): Promise<RestartablePubSub> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'pubsub-'))
  const lines: string[] = []
  const start = (port = 0) => startPubSubServer({dataFolder, port, log: line => void lines.push(line)})
  let server: PubSubServer = await start()
  const {host, port} = server
  return {
    host,
    lines,
    async openMessages() {
      const state = createSavedState()
      const text = await readFile(join(dataFolder, 'journal.jsonl'), 'utf8')
      // What is after the last end of a line is being written.
      for (const line of text.split('\n').slice(0, -1)) applyRecord(state, journalRecord.parse(JSON.parse(line)))
      return [...state.subscriptions].flatMap(([name, {messages}]) =>
        [...messages.values()].map(({message, attempts}) => ({
          subscription: name.split('/').at(-1) ?? name,
          messageId: message.id,
          attributes: message.attributes,
          deliveries: attempts,
        })),
      )
    },
    async restart(downMilliseconds) {
      await server.stop()
      await new Promise(resolve => setTimeout(resolve, downMilliseconds))
      server = await start(port)
    },
    async stop() {
      await server.stop()
      await rm(dataFolder, {recursive: true, force: true})
    },
  }
}
