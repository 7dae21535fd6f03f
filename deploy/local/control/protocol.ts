import * as z from 'zod'

/** What the sandbox tells over its control API; the token is in `sandbox.json`, which its owner alone can read. */

export const serviceNames = ['api', 'ledger', 'supabase'] as const
export type ServiceName = (typeof serviceNames)[number]

export const requestsSchema = z.array(
  z.object({
    at: z.string(),
    service: z.enum(serviceNames),
    /** The function that asked; absent: another client, for example a command. */
    caller: z.string().optional(),
    method: z.string(),
    path: z.string(),
    requestId: z.string().optional(),
    /** The statement that it carried. */
    sql: z.string().optional(),
    /** Absent where the client got no whole answer. */
    status: z.number().optional(),
    fault: z.string().optional(),
    milliseconds: z.number(),
  }),
)
export type SandboxRequest = z.infer<typeof requestsSchema>[number]

export const notificationsSchema = z.array(
  z.object({at: z.string(), orgSlug: z.string(), alertType: z.string(), requestId: z.string().optional()}),
)
export type SandboxNotification = z.infer<typeof notificationsSchema>[number]

export const organizationsSchema = z.array(
  z.object({
    orgSlug: z.string(),
    name: z.string(),
    status: z.string(),
    /** Tables of its dataset; absent: it has none. */
    tables: z.number().optional(),
    quotaDate: z.string().optional(),
    stuckCounters: z.number(),
    alerts: z.array(z.string()),
  }),
)
export type SandboxOrganization = z.infer<typeof organizationsSchema>[number]

export const tablesSchema = z.array(z.object({name: z.string(), rows: z.number()}))
export type SandboxTable = z.infer<typeof tablesSchema>[number]

/** A fault that waits for its requests. */
export const faultsSchema = z.array(z.object({fault: z.string(), left: z.number().nullable()}))
export type SandboxFault = z.infer<typeof faultsSchema>[number]

export const aboutSchema = z.object({pid: z.number(), clients: z.number()})

/** What the functions of a sandbox were given. */
export const functionsSchema = z.object({
  functionNames: z.array(z.string()),
  /** The names of the variables that `--env` sets. */
  given: z.array(z.string()),
  apiServiceUrl: z.string(),
  /** Why no function can start; by variable name, never by value. */
  problems: z.array(z.string()),
})
export type SandboxFunctions = z.infer<typeof functionsSchema>

const triedSchema = z.object({state: z.enum(['accepted', 'rejected', 'unknown']), detail: z.string()})
export type TriedCredential = z.infer<typeof triedSchema>

/** What became of the functions' secrets where they are sent. */
export const credentialsSchema = z.object({rootKey: triedSchema, supabaseToken: triedSchema})
export type SandboxCredentials = z.infer<typeof credentialsSchema>
