import {randomUUID} from 'node:crypto'
import * as z from 'zod'
import {createAdminApi} from '../../../lib/admin-api/admin-api.ts'
import {type Environment, parseEnvironment} from '../../../lib/environment/environment.ts'
import {ConfigurationError} from '../../../lib/errors/configuration-error.ts'
import {RejectedError} from '../../../lib/errors/rejected-error.ts'
import {toMessageText} from '../../../lib/log/error-text.ts'
import type {Log} from '../../../lib/log/log.ts'
import {toPrintableLine} from '../../../lib/log/printable.ts'
import {createSupabase} from '../../../lib/supabase/supabase.ts'
import type {SandboxCredentials, SandboxFunctions, TriedCredential} from './protocol.ts'

/** What the functions were given, as far as another process may learn it. */
export type FunctionAccess = {
  /** Never a secret's value. */
  readonly describe: () => SandboxFunctions
  /** Tries the functions' own secrets with reading calls; the values stay in this process. */
  readonly tryCredentials: () => Promise<SandboxCredentials>
}

const apiMilliseconds = 4000
/** The embedded database takes seconds to start, at its first query. */
const supabaseMilliseconds = 30_000
const silent: Log = {debug() {}, info() {}, warn() {}, error() {}, child: () => silent}

/** @param options.variables a function's, read when asked. */
export function createFunctionAccess(options: {
  readonly functionNames: readonly string[]
  readonly variables: () => Readonly<Record<string, string>>
  /** The names of those that `--env` sets. */
  readonly given: () => readonly string[]
}): FunctionAccess {
  const {functionNames, variables, given} = options

  function read(): Environment {
    return parseEnvironment(variables(), ['CA_ROOT_API_KEY', 'SUPABASE_ACCESS_TOKEN'])
  }

  return {
    describe: () => ({
      functionNames: [...functionNames],
      given: [...given()],
      apiServiceUrl: toPrintableLine(variables()['API_SERVICE_URL'] ?? '', 200),
      problems: problemsOf(read),
    }),
    async tryCredentials() {
      if (problemsOf(read).length > 0) return {rootKey: untried, supabaseToken: untried}
      const {apiServiceUrl = '', supabaseApiUrl, supabaseProjectRef = '', secrets} = read()
      const within = (milliseconds: number) => ({
        log: silent,
        signal: AbortSignal.timeout(milliseconds),
        deadline: new Date(Date.now() + milliseconds),
        now: () => new Date(),
        random: Math.random,
        newRequestId: randomUUID,
      })
      const rootKey = secrets.CA_ROOT_API_KEY ?? ''
      const api = createAdminApi({...within(apiMilliseconds), baseUrl: apiServiceUrl, rootKey})
      const supabase = createSupabase({
        ...within(supabaseMilliseconds),
        baseUrl: supabaseApiUrl,
        accessToken: secrets.SUPABASE_ACCESS_TOKEN ?? '',
        projectRef: supabaseProjectRef,
      })
      const one = {name: 'doctor', isIdempotent: true, row: z.unknown()}
      const [ofApi, ofSupabase] = await Promise.all([
        attempt(api.bootstrapStatus().then(({status}) => `accepted; bootstrap status is ${status}`)),
        attempt(supabase.query('SELECT 1', one).then(() => 'accepted')),
      ])
      return {rootKey: ofApi, supabaseToken: ofSupabase}
    },
  }
}

const untried: TriedCredential = {state: 'unknown', detail: 'not tried: the configuration is wrong'}

async function attempt(asking: Promise<string>): Promise<TriedCredential> {
  try {
    return {state: 'accepted', detail: await asking}
  } catch (error) {
    const detail = toPrintableLine(toMessageText(error), 300)
    return {state: error instanceof RejectedError ? 'rejected' : 'unknown', detail}
  }
}

function problemsOf(read: () => unknown): string[] {
  try {
    read()
    return []
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return [...error.problems]
  }
}
