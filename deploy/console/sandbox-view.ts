import {slotRunId} from '../../lib/job/run-id.ts'
import {nextSlot} from '../../lib/run/slot.ts'
import {findJob} from '../catalogue/catalogue.ts'
import type {Session} from '../environment/session.ts'
import {createControlClient} from '../local/control/client.ts'
import {parseFaultSpec} from '../local/control/fault-spec.ts'
import {
  faultsSchema,
  notificationsSchema,
  organizationsSchema,
  requestsSchema,
  tablesSchema,
} from '../local/control/protocol.ts'
import {readSandboxFile} from '../local/sandbox-file.ts'
import {sandboxFolderOf} from '../local/sandbox-folder.ts'
import {publishRun} from '../publish/publish-run.ts'
import {ActionError} from './action-error.ts'
import type {SandboxOverview} from './page/base/wire-views.ts'

const maxRows = 200

/** What the sandbox's emulators received and did, and the switches of their faults. */
export function createSandboxView(session: Session, requestedBy: string) {
  const control = async () => {
    if (session.environment.name !== 'local') throw new ActionError(404, 'only the environment local has a sandbox')
    const addresses = await readSandboxFile(sandboxFolderOf(session.io.env))
    if (addresses === undefined) throw new ActionError(503, 'no sandbox is running: start one with npm run local')
    return createControlClient(addresses)
  }
  return {
    async read(): Promise<SandboxOverview> {
      const client = await control()
      const [requests, notifications, organizations, tables, faults] = await Promise.all([
        client.get('requests', requestsSchema),
        client.get('notifications', notificationsSchema),
        client.get('organizations', organizationsSchema),
        client.get('tables', tablesSchema),
        client.get('faults', faultsSchema),
      ])
      return {
        // What the console and other commands ask all the time says nothing of what the functions did.
        requests: requests
          .filter(({caller}) => caller !== undefined)
          .slice(-maxRows)
          .map(({caller = null, requestId: _, sql = null, status = null, fault = null, ...rest}) => ({
            ...rest,
            caller,
            sql,
            status,
            fault,
          })),
        notifications: notifications.slice(-maxRows).map(({at, orgSlug, alertType}) => ({at, orgSlug, alertType})),
        organizations: organizations.slice(0, maxRows).map(({orgSlug, name, status, tables: count = null, alerts}) => ({
          orgSlug,
          name,
          status,
          tables: count,
          alerts,
        })),
        organizationCount: organizations.length,
        tables,
        faults,
      }
    },
    async inject(text: string): Promise<void> {
      const {text: fault} = parseFaultSpec(text, session.jobs)
      await (await control()).post('faults', {fault})
    },
    async clearFaults(): Promise<void> {
      await (await control()).delete('faults')
    },
    /** Runs a scheduled job's next slot now, under that slot's run id. */
    async fastForward(name: string): Promise<{runId: string}> {
      await control()
      const job = findJob(session.jobs, name)
      const slot = job.schedule === undefined ? undefined : nextSlot(job.schedule, session.now())
      if (slot === undefined) throw new ActionError(400, `${job.name} has no schedule`)
      const runId = slotRunId(job.name, slot)
      await publishRun(session, {job, environment: session.environment, runId, args: {}, requestedBy})
      return {runId}
    },
  }
}
