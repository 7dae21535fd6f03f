import * as z from 'zod'
import type {Job} from '../../lib/job/job.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'
import {findJob} from '../catalogue/catalogue.ts'
import {parseDuration} from '../cli/duration.ts'
import type {Session} from '../environment/session.ts'
import {type StepName, stepJobs, stepNames} from '../release/release-step.ts'
import type {Schedules} from '../schedules/schedules.ts'
import {ActionError} from './action-error.ts'
import {createCatchUp} from './catch-up-actions.ts'
import type {ConsoleState} from './console-state.ts'
import type {LedgerCache} from './ledger-cache.ts'
import {readMigrations} from './migrations-view.ts'
import type {Environment, ReleaseStep, View} from './page/base/wire.ts'
import {checkPublish, publishFromPage, toPublishForm} from './publish-actions.ts'
import {createReplayActions} from './replay-actions.ts'
import {createRunLogs} from './run-logs.ts'
import {toRunDetail} from './run-view.ts'
import {createSandboxView} from './sandbox-view.ts'
import {toDeadLetterDetail} from './views/dead-letter-detail.ts'
import {listRuns} from './views/run-list.ts'
import {toSlotCalendar} from './views/slot-calendar.ts'
import {toTimeline} from './views/timeline.ts'

/** A request that passed the guard and bears the token. */
export type ApiRequest = {
  readonly method: string
  /** Below `/api`: `/runs/bootstrap%401`. */
  readonly path: string
  readonly query: URLSearchParams
  readonly body: unknown
}

export type ApiOptions = {
  readonly session: Session
  readonly schedules: Schedules
  readonly state: ConsoleState
  readonly cache: LedgerCache
  readonly environment: Environment
  readonly requestedBy: string
}

type Handler = (request: ApiRequest, ...parts: string[]) => unknown

const confirmation = z.object({confirm: z.string().optional()})
const idsSchema = z.array(z.string().min(1).max(200)).max(5000)
const pairsSchema = z.array(z.string().max(100_000)).max(100)

/**
 * Answers the page. Reading asks the shared state; acting calls what the commands call.
 *
 * @returns a function that throws ActionError for what is refused, with its HTTP status.
 */
export function createApi(options: ApiOptions): (request: ApiRequest) => Promise<unknown> {
  const {session, schedules, state, cache, environment, requestedBy} = options
  const {jobs, now} = session
  const replays = createReplayActions(session, requestedBy)
  const catchUp = createCatchUp(session, schedules, requestedBy)
  const sandbox = createSandboxView(session, requestedBy)
  const logs = createRunLogs(session, environment.name === 'local' ? 500 : 10_000)

  const view = <Data>(data: Data): View<Data> => {
    const {asOf, from, queries} = cache.state()
    const provenance = {asOf: asOf.toISOString(), from: from.toISOString(), queries, bytes: queries * 10_000_000}
    return {revision: cache.revision(), environment, provenance, unknown: state.unknown(), data}
  }
  const fresh = async <Data>(make: () => Data | Promise<Data>) => {
    await state.refresh()
    return view(await make())
  }
  const reach = async (from: Date) => {
    await state.refresh()
    await cache.extend(from)
    // What further back is missed is asked then, too.
    await state.refresh()
  }
  const act = <Body>(schema: z.ZodType<Body>, work: (body: Body, ...parts: string[]) => Promise<unknown>): Handler => {
    return async ({body}, ...parts) => {
      if (environment.readOnly)
        throw new ActionError(403, 'this console is read-only: start it without --read-only to act')
      const parsed = schema.safeParse(body)
      if (!parsed.success) throw new ActionError(400, `the request can't be read: ${z.prettifyError(parsed.error)}`)
      const {confirm} = confirmation.parse(body ?? {})
      if (environment.isProduction && confirm !== environment.name) {
        throw new ActionError(412, `type ${environment.name} to confirm that this is done in production`)
      }
      try {
        return await work(parsed.data, ...parts)
      } finally {
        state.expire()
      }
    }
  }
  const change = (verb: 'pause' | 'resume') =>
    act(confirmation, async (_body, name = '') => {
      const job = findJob(jobs, name)
      await schedules[verb](job)
      return {job: job.name, state: verb === 'pause' ? 'paused' : 'enabled'}
    })

  const routes: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
    ['GET', /^\/overview$/, () => fresh(state.overview)],
    [
      'GET',
      /^\/runs$/,
      async ({query}) => {
        const since = sinceOf(query, now())
        await reach(since ?? cache.state().from)
        const [job, outcome, text, who] = ['job', 'outcome', 'text', 'who'].map(name => query.get(name) ?? undefined)
        return view(listRuns(state.rows(), {job, outcome, text, who, since, page: Number(query.get('page') ?? 1) || 1}))
      },
    ],
    ['GET', /^\/runs\/([^/]+)$/, (_request, runId = '') => fresh(() => toRunDetail(options, runId))],
    [
      'GET',
      /^\/runs\/([^/]+)\/logs$/,
      (_request, runId = '') =>
        fresh(() => {
          // A heartbeat ends nothing.
          const entries =
            cache
              .runs()
              .get(runId)
              ?.filter(({event}) => event !== 'progress') ?? []
          return logs(runId, entries.length)
        }),
    ],
    [
      'GET',
      /^\/timeline$/,
      async ({query}) => {
        const to = dateOf(query.get('to')) ?? now()
        const from = dateOf(query.get('from')) ?? new Date(to.getTime() - 86_400_000)
        await reach(from)
        const {states} = state.slotSources().schedules ?? {}
        return view(toTimeline({jobs, rows: state.rows(), runs: cache.runs(), from, to, now: now(), states}))
      },
    ],
    [
      'GET',
      /^\/calendar$/,
      async ({query}) => {
        const to = dateOf(query.get('to')) ?? now()
        const from = dateOf(query.get('from')) ?? new Date(to.getTime() - 30 * 86_400_000)
        await reach(from)
        return view(
          toSlotCalendar({...state.slotSources(), jobs, rows: state.rows(), runs: cache.runs(), from, to, now: now()}),
        )
      },
    ],
    [
      'GET',
      /^\/dead-letters$/,
      () => fresh(() => ({rows: state.deadLetterRows() ?? [], isComplete: state.isComplete()})),
    ],
    [
      'GET',
      /^\/dead-letters\/([^/]+)$/,
      async (_request, id = '') => {
        await state.refresh()
        const deadLetter = state.deadLetters()?.find(each => each.id === id)
        const row = state.deadLetterRows()?.find(each => each.id === id)
        if (deadLetter === undefined || row === undefined) {
          throw new ActionError(
            404,
            `no dead letter ${toPrintableLine(id, 100)}: it was replayed or discarded, or another command holds it`,
          )
        }
        const job = jobs.find(({name}) => name === deadLetter.job)
        return view(toDeadLetterDetail(row, deadLetter, {job, environment}))
      },
    ],
    [
      'POST',
      /^\/replays\/preview$/,
      async ({body}) => {
        const {ids, force} = parse(z.object({ids: idsSchema, force: z.boolean().default(false)}), body)
        return replays.preview(ids, force)
      },
    ],
    ['POST', /^\/replays$/, act(confirmation.extend({preview: z.string()}), ({preview}) => replays.replay(preview))],
    [
      'POST',
      /^\/discards$/,
      act(confirmation.extend({ids: idsSchema, reason: z.string().trim().min(1).max(500)}), ({ids, reason}) =>
        replays.discard(ids, reason),
      ),
    ],
    ['GET', /^\/jobs\/([^/]+)\/form$/, (_request, name = '') => toPublishForm(findJob(jobs, name), environment)],
    [
      'POST',
      /^\/jobs\/([^/]+)\/check$/,
      ({body}, name = '') =>
        checkPublish(findJob(jobs, name), parse(z.object({args: pairsSchema}), body).args, environment.name),
    ],
    [
      'POST',
      /^\/jobs\/([^/]+)\/runs$/,
      act(confirmation.extend({args: pairsSchema}), async ({args}, name = '') => ({
        runId: await publishFromPage(session, name, args),
      })),
    ],
    ['GET', /^\/migrations$/, () => fresh(() => readMigrations(session))],
    ['GET', /^\/catch-up$/, () => fresh(() => catchUp.preview(state.rows()))],
    ['POST', /^\/catch-up$/, act(confirmation.extend({runIds: idsSchema}), ({runIds}) => catchUp.run(runIds))],
    ['GET', /^\/sandbox$/, () => fresh(sandbox.read)],
    [
      'POST',
      /^\/sandbox\/faults$/,
      act(confirmation.extend({fault: z.string().max(300)}), ({fault}) => sandbox.inject(fault)),
    ],
    ['POST', /^\/sandbox\/faults\/clear$/, act(confirmation, () => sandbox.clearFaults())],
    ['POST', /^\/sandbox\/slots\/([^/]+)$/, act(confirmation, (_body, name = '') => sandbox.fastForward(name))],
    ['GET', /^\/release$/, () => stepNames.map(step => toReleaseStep(step, jobs))],
    ['POST', /^\/schedules\/([^/]+)\/pause$/, change('pause')],
    ['POST', /^\/schedules\/([^/]+)\/resume$/, change('resume')],
  ]

  return async request => {
    const found = routes.filter(([, path]) => path.test(request.path))
    const route = found.find(([method]) => method === request.method)
    if (route === undefined) {
      throw new ActionError(
        found.length > 0 ? 405 : 404,
        `the console has no ${request.method} ${toPrintableLine(request.path, 200)}`,
      )
    }
    const [, path, handler] = route
    return handler(request, ...(path.exec(request.path) ?? []).slice(1).map(decodeURIComponent))
  }
}

function toReleaseStep(step: StepName, jobs: readonly Job[]): ReleaseStep {
  const name = stepJobs[step]
  const job = name === undefined ? undefined : findJob(jobs, name)
  return {step, job: job?.name ?? null, context: job?.context ?? 'Deploy the frontend and the API.'}
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw new ActionError(400, `the request can't be read: ${z.prettifyError(parsed.error)}`)
}

function sinceOf(query: URLSearchParams, now: Date): Date | undefined {
  const text = query.get('since')
  if (text === null || text === '') return undefined
  const date = dateOf(text)
  if (date !== undefined) return date
  try {
    return new Date(now.getTime() - parseDuration(text) * 1000)
  } catch (error) {
    throw new ActionError(400, `since=${toPrintableLine(text, 50)}: ${error instanceof Error ? error.message : error}`)
  }
}

function dateOf(text: string | null): Date | undefined {
  if (text === null || !/^\d{4}-\d\d-\d\d/.test(text)) return undefined
  const date = new Date(text)
  return Number.isNaN(date.getTime()) ? undefined : date
}
