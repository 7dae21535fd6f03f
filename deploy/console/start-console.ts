import {loadDeadLetters} from '../dead-letters/load-dead-letters.ts'
import type {Session} from '../environment/session.ts'
import {findAbsentRuns, readSlotLimits} from '../runs/absent-runs.ts'
import {runProgressOf} from '../runs/run-progress.ts'
import type {Schedules} from '../schedules/schedules.ts'
import {createApi} from './api.ts'
import {type ConsoleServer, startConsoleServer} from './console-server.ts'
import {createConsoleState} from './console-state.ts'
import {createLedgerCache} from './ledger-cache.ts'
import {type Asset, buildPage} from './page-assets.ts'

/** Read at first; a view that reaches further back has the rest read. */
const firstDays = 40

/** Starts the console on an environment that a command is connected to. */
export async function startConsole(options: {
  readonly session: Session
  readonly schedules: Schedules
  readonly port: number
  readonly readOnly: boolean
  readonly version: string
  readonly requestedBy: string
  /** @default the page's sources, bundled */
  readonly loadPage?: () => Promise<ReadonlyMap<string, Asset>>
}): Promise<ConsoleServer> {
  const {session, schedules, readOnly, version, requestedBy, loadPage = buildPage} = options
  const {environment, jobs, ledger, signal, now} = session
  // Polite to BigQuery, and quick where the sandbox answers at once.
  const freshMilliseconds = environment.name === 'local' ? 500 : 5000
  const cache = createLedgerCache({
    read: (from, until) => ledger.since(from, until === undefined ? {} : {until}),
    history: ledger.history,
    changedAt: session.ledgerVersion,
    isOpen: history => runProgressOf(history).state !== 'over',
    now,
    firstDays,
    freshMilliseconds,
  })
  const state = createConsoleState({
    env: environment.name,
    jobs,
    cache,
    async readSchedules() {
      // Asked together: the cloud's answer is one.
      const [states, limits] = await Promise.all([schedules.states(), readSlotLimits(schedules)])
      return {states, limits}
    },
    readDeadLetters: () => loadDeadLetters(session, {}, signal),
    findAbsent: (entries, from, until, limits) =>
      findAbsentRuns({jobs, entries, ledger, from, now: until, limits: async () => limits}),
    now,
    freshMilliseconds,
  })
  const answer = createApi({
    session,
    schedules,
    state,
    cache,
    requestedBy,
    environment: {
      name: environment.name,
      projectId: environment.projectId,
      isProduction: environment.needsConfirmation,
      readOnly,
      version,
    },
  })
  return startConsoleServer({port: options.port, answer, loadPage})
}
