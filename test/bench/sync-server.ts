import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {syncResult} from '../support/organization-list.ts'
import {bootstrapStatus} from '../support/sync-part.ts'

export type SyncServer = {
  readonly url: string
  /** TCP connections since the last call. */
  readonly takeConnections: () => number
  /** Organizations that were synced since the last configure(), each counted once. */
  readonly synced: () => number
  readonly configure: (settings: SyncSettings) => void
  readonly stop: () => Promise<void>
}

export type SyncSettings = {
  readonly organizations: number
  /** How long the sync of one organization takes, by its index. */
  readonly milliseconds: (index: number) => number
}

const synced = JSON.stringify(syncResult())
const status = JSON.stringify(bootstrapStatus())
const newest = Date.UTC(2026, 0)

/** As much of the admin API as org-sync-all calls, with nothing behind it: made for a hundred thousand of them. */
export async function startSyncServer(): Promise<SyncServer> {
  let settings: SyncSettings = {organizations: 0, milliseconds: () => 0}
  let connections = 0
  let done = new Set<number>()
  const server = createServer((request, response) => {
    const answer = (body: string) => {
      response.writeHead(200, {'content-type': 'application/json', 'content-length': Buffer.byteLength(body)}).end(body)
    }
    const {url = ''} = request
    request.resume()
    const slug = /^\/api\/v1\/organizations\/org_(\d+)\/sync$/.exec(url)?.[1]
    if (slug !== undefined) {
      done.add(Number(slug))
      const milliseconds = settings.milliseconds(Number(slug))
      if (milliseconds === 0) answer(synced)
      else setTimeout(answer, milliseconds, synced)
    } else if (url.startsWith('/api/v1/organizations?')) answer(pageOf(url, settings.organizations))
    else answer(status)
  })
  server.keepAliveTimeout = 120_000
  server.on('connection', () => (connections += 1))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    takeConnections() {
      const taken = connections
      connections = 0
      return taken
    },
    synced: () => done.size,
    configure(given) {
      settings = given
      done = new Set()
    },
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function pageOf(url: string, count: number): string {
  const query = new URL(url, 'http://127.0.0.1').searchParams
  const [page, size] = [Number(query.get('page')), Number(query.get('page_size'))]
  const from = (page - 1) * size
  const to = Math.min(count, from + size)
  const organizations = Array.from({length: Math.max(0, to - from)}, (_, index) => ({
    org_slug: `org_${from + index}`,
    created_at: new Date(newest - (from + index) * 1000).toISOString(),
  }))
  return JSON.stringify({organizations, total: count, has_next: to < count})
}
