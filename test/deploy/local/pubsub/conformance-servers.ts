import {startPubSubServer} from '../../../../deploy/local/pubsub/server/server.ts'
import {startPubSubEmulator} from '../../../support/pubsub-emulator.ts'

/** What Google's emulator (0.8.20) does otherwise than the service. The tests about it are left out for the emulator. */
const emulatorDeviations = {
  'ignores filters': 'it stores filters, reads none of them and delivers everything',
  'checks little of a message': 'it takes any attribute and up to far more than 10 MB',
  'words of its own': 'its refusals have the codes of the service, and other texts',
  'updates few fields of a topic': 'labels, for one, are no field it would update',
  'short acknowledgement deadlines': 'it takes less than 10 seconds',
  'no default expiration': 'a subscription without an expiration policy gets none',
  'pulls from push subscriptions': 'it answers a pull that the service refuses',
  'lists what is not there': 'a missing topic has an empty list of subscriptions',
  'implements more': 'seek, snapshots, schemas and exactly-once delivery are there',
  'answers unknown addresses in plain text': 'the service and the embedded server answer with JSON',
  'forgets the order of refused messages': 'an ordered message that is refused comes again after its successors',
  'other acknowledging statuses': 'a push is acknowledged by 203, which the service refuses, and not by 202',
  'pushes less': 'a push has neither the ordering key nor the delivery attempt',
  'updates few fields of a subscription': 'labels, for one, are no field it would update',
} as const

export type EmulatorDeviation = keyof typeof emulatorDeviations

type Running = {readonly host: string; readonly stop: () => Promise<void>}

/** A server that the conformance tests run against. */
export type ConformanceServer = {
  readonly name: string
  /** undefined where it is not installed, after printing so. */
  readonly start: () => Promise<Running | undefined>
  /** `it`, left out where the server is known to deviate. */
  readonly check: (title: string, ...rest: [test: Mocha.Func] | [unless: EmulatorDeviation, test: Mocha.Func]) => void
}

/** The embedded server always; Google's emulator with TEST_EMULATOR=1, where it is installed. */
export const conformanceServers: readonly ConformanceServer[] = [
  {
    name: 'embedded',
    start: () => startPubSubServer(),
    check: (title, ...rest) => void it(title, testOf(rest)),
  },
  ...(process.env['TEST_EMULATOR'] === '1' ? [emulator()] : []),
]

function emulator(): ConformanceServer {
  return {
    name: "Google's emulator",
    start: () => startPubSubEmulator(line => process.stdout.write(`    ${line}\n`)),
    check(title, ...rest) {
      const [unless] = rest
      if (typeof unless === 'string') it.skip(`${title} (${unless}: ${emulatorDeviations[unless]})`, () => {})
      else it(title, testOf(rest))
    },
  }
}

function testOf(rest: readonly [Mocha.Func] | readonly [EmulatorDeviation, Mocha.Func]): Mocha.Func {
  return rest.length === 1 ? rest[0] : rest[1]
}

/** Runs a server for the tests of a `describe`. @returns its host, once they run. */
export function useServer(start: ConformanceServer['start']): () => string {
  let running: Running | undefined
  before(async function () {
    running = await start()
    if (running === undefined) this.skip()
  })
  after(() => running?.stop())
  return () => {
    if (running === undefined) throw new Error('asked for the host of a server that does not run')
    return running.host
  }
}

/** Names that no test had before, in one project. */
export function createNames(project = 'project-one') {
  let count = 0
  function fresh(kind: 'topic' | 'subscription'): string {
    count += 1
    return `projects/${project}/${kind}s/${kind}-${count}`
  }
  return {project, topic: () => fresh('topic'), subscription: () => fresh('subscription')}
}
