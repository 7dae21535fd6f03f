import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type PubSubServer, startPubSubServer} from '../../deploy/local/pubsub/server/server.ts'

export type RestartablePubSub = {
  readonly host: string
  /** Stops it for a while, in which nothing is published or acknowledged, and starts it with its state. */
  readonly restart: (downMilliseconds: number) => Promise<void>
  readonly stop: () => Promise<void>
}

/** The embedded Pub/Sub with its state in a temporary folder, on a port that it keeps. */
export async function startRestartablePubSub(): Promise<RestartablePubSub> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'pubsub-'))
  let server: PubSubServer = await startPubSubServer({dataFolder})
  const {host, port} = server
  return {
    host,
    async restart(downMilliseconds) {
      await server.stop()
      await new Promise(resolve => setTimeout(resolve, downMilliseconds))
      server = await startPubSubServer({dataFolder, port})
    },
    async stop() {
      await server.stop()
      await rm(dataFolder, {recursive: true, force: true})
    },
  }
}
