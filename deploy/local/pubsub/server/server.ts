import {createBroker} from '../delivery/broker.ts'
import {createForgetfulJournal, openJournal} from '../state/journal.ts'
import {createSavedState} from '../state/saved-state.ts'
import {createTimerQueue} from '../state/timer-queue.ts'
import {loadProtoSchema} from '../wire/proto-schema.ts'
import {createDeliveryMethods} from './delivery-methods.ts'
import type {GrpcFront} from './grpc-front.ts'
import {createRestFront} from './rest-front.ts'
import {listenOnSharedPort} from './shared-port.ts'
import {createStreamingPull} from './streaming-pull.ts'
import {createSubscriptionMethods} from './subscription-methods.ts'
import {createTopicMethods} from './topic-methods.ts'

export type PubSubServer = {
  /** `127.0.0.1:port`, fit for PUBSUB_EMULATOR_HOST. */
  readonly host: string
  readonly port: number
  /** Begins no push any more; those under way go on to their end, and what fails of them does not count. */
  readonly holdPushes: () => void
  readonly releasePushes: () => void
  /** Cuts all connections; what is not acknowledged stays in the data folder. */
  readonly stop: () => Promise<void>
}

/**
 * Starts the embedded Pub/Sub: google.pubsub.v1 over gRPC and REST on one loopback port, with push delivery. Seek,
 * snapshots, schemas and exactly-once delivery are UNIMPLEMENTED.
 *
 * @param options.port 0, the default, lets the system choose.
 * @param options.dataFolder keeps topics, subscriptions and unacknowledged messages over a stop or a kill; without it
 * they are gone.
 * @param options.log is told about pushes that failed and messages that became dead letters.
 * @param options.holdsPushes pushes nothing before `releasePushes`: endpoints of before the stop may be anybody's by now.
 * @throws Error when the port is taken or the data folder can't be read.
 */
export async function startPubSubServer(
  options: {
    readonly port?: number
    readonly dataFolder?: string
    readonly log?: (line: string) => void
    readonly holdsPushes?: boolean
  } = {},
): Promise<PubSubServer> {
  const {dataFolder, log = () => {}} = options
  const steadyNow = () => performance.now()
  const {journal, state: saved} =
    dataFolder === undefined ? {journal: createForgetfulJournal(), state: createSavedState()} : openJournal(dataFolder)
  const timers = createTimerQueue(steadyNow)
  const {holdsPushes = false} = options
  const broker = createBroker({timers, journal, saved, now: () => Date.now(), steadyNow, log, holdsPushes})
  const schema = loadProtoSchema()
  const methods = {
    ...createTopicMethods(broker),
    ...createSubscriptionMethods(broker),
    ...createDeliveryMethods({broker, timers, journal}),
  }
  const rest = createRestFront({schema, methods})
  let loading: Promise<GrpcFront> | undefined
  const grpc = () => {
    loading ??= import('./grpc-front.ts').then(({createGrpcFront}) =>
      createGrpcFront({schema, methods, streamingPull: createStreamingPull(broker, journal)}),
    )
    return loading
  }

  const listener = await listenOnSharedPort({
    port: options.port ?? 0,
    onHttp1: socket => void rest.emit('connection', socket),
    onHttp2: socket => void grpc().then(({inject}) => inject(socket)),
  })
  // gRPC is most of what there is to load: the port is open, and REST is served, before that begins.
  setImmediate(() => void grpc())

  return {
    host: `127.0.0.1:${listener.port}`,
    port: listener.port,
    holdPushes: broker.holdPushes,
    releasePushes: broker.releasePushes,
    async stop() {
      broker.stop()
      const {stop: stopGrpc} = await grpc()
      stopGrpc()
      await listener.stop()
      timers.stop()
      journal.close()
    },
  }
}
