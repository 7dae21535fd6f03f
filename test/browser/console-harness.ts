import {Readable, Writable} from 'node:stream'
import type {BrowserContext, Page} from 'playwright-core'
import {loadCatalogue} from '../../deploy/catalogue/catalogue.ts'
import {parseEnvironmentName} from '../../deploy/catalogue/environments.ts'
import {buildPage} from '../../deploy/console/page-assets.ts'
import {startConsole} from '../../deploy/console/start-console.ts'
import type {ReceivedMessage} from '../../deploy/environment/pull-subscription.ts'
import type {Session} from '../../deploy/environment/session.ts'
import type {ScheduleState, Schedules} from '../../deploy/schedules/schedules.ts'
import {UnavailableError} from '../../lib/errors/unavailable-error.ts'
import type {LedgerEntry} from '../../lib/ledger/ledger-entry.ts'
import {createEntry, createFinalError} from '../support/ledger-entry.ts'
import {createMemoryLedger} from '../support/memory-ledger.ts'

/** A console on a world of the test's making, whose parts can be taken down one by one. */
export type TestConsole = {
  readonly url: string
  readonly entries: LedgerEntry[]
  readonly deadLetters: ReceivedMessage[]
  readonly published: {topic: string; attributes: Readonly<Record<string, string>>}[]
  readonly acknowledged: string[]
  /** Names of what does not answer: `ledger`, `dead letters`, `schedules`. */
  readonly down: Set<string>
  /** How often the ledger was read. */
  readonly reads: () => number
  readonly stop: () => Promise<void>
}

/** Bundled once for all of a tier's consoles. */
let page: ReturnType<typeof buildPage> | undefined

export async function startTestConsole(options: {
  readonly environment?: string
  readonly now?: () => Date
  readonly entries?: LedgerEntry[]
  readonly readOnly?: boolean
  /** Jobs whose schedule is paused, and since when. */
  readonly pausedSince?: ReadonlyMap<string, Date>
  /** Of every job. @default before all slots */
  readonly deployedSince?: Date
  /** What a sandbox's functions printed. */
  readonly logFile?: string
}): Promise<TestConsole> {
  const {now = () => new Date(), pausedSince = new Map(), deployedSince = new Date(0)} = options
  const jobs = await loadCatalogue()
  const memory = createMemoryLedger()
  for (const entry of options.entries ?? []) memory.entries.push(entry)
  const deadLetters: ReceivedMessage[] = []
  const published: TestConsole['published'] = []
  const acknowledged: string[] = []
  const down = new Set<string>()
  let reads = 0
  const whileUp = <T>(part: string, value: () => T): Promise<T> =>
    down.has(part)
      ? Promise.reject(new UnavailableError(`${part}: connection refused`, {mayHaveExecuted: false}))
      : Promise.resolve(value())
  const ledger: Session['ledger'] = {
    ...memory,
    async since(moment, filter) {
      reads += 1
      await whileUp('ledger', () => undefined)
      return memory.since(moment, filter)
    },
    async history(runId) {
      await whileUp('ledger', () => undefined)
      return memory.history(runId)
    },
  }
  const queue: Session['queue'] = {
    peek: () => whileUp('dead letters', () => ({deadLetters: [...deadLetters], isBounded: false})),
    hold: (ids, _signal, work) =>
      work({
        deadLetters: deadLetters.filter(({id}) => ids.includes(id)),
        missing: ids.filter(id => !deadLetters.some(deadLetter => deadLetter.id === id)),
        async acknowledge(id) {
          acknowledged.push(id)
          deadLetters.splice(
            deadLetters.findIndex(deadLetter => deadLetter.id === id),
            1,
          )
        },
      }),
  }
  const states = new Map<string, ScheduleState>(
    jobs.flatMap(({name, schedule}) =>
      schedule === undefined ? [] : [[name, pausedSince.has(name) ? 'paused' : 'enabled'] as const],
    ),
  )
  const schedules: Schedules = {
    states: () => whileUp('schedules', () => states),
    deployedSince: async () => new Map(jobs.map(({name}) => [name, deployedSince])),
    pausedSince: async () => pausedSince,
    pause: async ({name}) => void states.set(name, 'paused'),
    resume: async ({name}) => void states.set(name, 'enabled'),
  }
  const terminal = Object.assign(new Writable({write: (_chunk, _encoding, done) => done()}), {
    isTTY: false,
    columns: 80,
  })
  const session: Session = {
    ledger,
    ledgerVersion: () => whileUp('ledger', () => String(memory.entries.length)),
    queue,
    publisher: {
      async publish(topic, {attributes}) {
        published.push({topic, attributes})
        return `m-${published.length}`
      },
      close: async () => undefined,
    },
    pubSubHost: undefined,
    pace: {nearMilliseconds: 10, farMilliseconds: 10},
    logHint: runId => `the log of ${runId}`,
    logFile: options.logFile,
    isTemporary: false,
    close: async () => undefined,
    io: {stdout: () => undefined, stderr: () => undefined, env: {}, stdin: Readable.from([]), terminal},
    environment: parseEnvironmentName(options.environment ?? 'local', {}),
    jobs,
    signal: new AbortController().signal,
    now,
  }
  const served = await startConsole({
    session,
    schedules,
    port: 0,
    readOnly: options.readOnly ?? false,
    version: '1.0.0+test',
    requestedBy: 'anna@desk',
    loadPage: () => (page ??= buildPage()),
  })
  return {
    url: served.url,
    entries: memory.entries,
    deadLetters,
    published,
    acknowledged,
    down,
    reads: () => reads,
    stop: served.stop,
  }
}

/** Opens a view and waits until it has read something; what the page logs as an error fails the test that looks. */
export async function openView(
  context: BrowserContext,
  url: string,
  view = '/',
): Promise<Page & {readonly errors: string[]}> {
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', error => void errors.push(error.message))
  page.on('console', message => {
    if (message.type() === 'error') errors.push(message.text())
  })
  await page.goto(`${url}&open=${encodeURIComponent(view)}`)
  await page.locator('.provenance').waitFor()
  await settled(page)
  return Object.assign(page, {errors})
}

/** Goes to another view of an open page, and waits until it is there. */
export async function show(page: Page, view: string): Promise<void> {
  await page.evaluate(async to => {
    if (location.hash !== `#${to}`) {
      const changed = new Promise(resolve => addEventListener('hashchange', resolve, {once: true}))
      location.hash = to
      await changed
    }
    // The view is drawn in the frame after that.
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame)
  }, view)
  await settled(page)
}

/** Waits until every part of the view has been read. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('main .loading') === null)
}

/** Adds a dead letter, and the failed run that it is of. */
export function addDeadLetter(
  served: TestConsole,
  id: string,
  given: {job?: string; kind?: string; data?: string; reason?: string} = {},
): void {
  const {job = 'bootstrap', kind = 'permanent', data = '{}', reason = 'the API said no'} = given
  const runId = `${job}@${id}`
  const at = new Date(Date.now() - 60_000).toISOString()
  served.entries.push(
    createEntry({runId, job, at}),
    createEntry({
      runId,
      job,
      at,
      event: 'failed',
      error: {...createFinalError(kind === 'permanent' ? 'permanent' : 'unknown outcome', id), message: reason},
    }),
  )
  served.deadLetters.push({
    id,
    publishedAt: new Date(at),
    data: Buffer.from(data),
    attributes: {
      job,
      runId,
      'deadLetter-job': job,
      'deadLetter-runId': runId,
      'deadLetter-sourceTopic': job === 'bootstrap' ? 'manual-jobs' : `cloudact-${job}`,
      'deadLetter-kind': kind,
      'deadLetter-reason': reason,
      'deadLetter-error': 'RejectedError',
      'deadLetter-attempts': '1',
      'deadLetter-firstAt': at,
      'deadLetter-lastAt': at,
      'deadLetter-replays': '0',
      'deadLetter-messageId': `m-${id}`,
    },
  })
}
