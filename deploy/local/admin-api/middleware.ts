import type {EmulatorRequest} from '../emulator/exchange.ts'
import {MiddlewareRefusal} from './middleware-refusal.ts'
import type {RateLimit} from './rate-limit.ts'

const headersLimit = 8 * 1024
const headerLimit = 4 * 1024
const orgSlugPattern = /^[a-z0-9_]{3,50}$/

export type Maintenance = {
  /** While on, everything but the health check is answered with 503. */
  readonly set: (isOn: boolean) => void
  readonly isOn: () => boolean
}

export function createMaintenance(): Maintenance {
  let isOn = false
  return {
    set(value) {
      isOn = value
    },
    isOn: () => isOn,
  }
}

/**
 * What stands in front of every route, before the root key is looked at.
 *
 * @throws MiddlewareRefusal 503 in maintenance, 400 for headers or a name that are against its rules, 429 beyond the
 *   limit of the whole `/api`.
 */
export function passMiddleware(
  request: EmulatorRequest,
  service: {readonly maintenance: Maintenance; readonly rateLimit: RateLimit},
): void {
  if (request.url.pathname === '/health') return
  if (service.maintenance.isOn()) {
    throw new MiddlewareRefusal(
      503,
      {error: 'Service Unavailable', message: 'The service is down for maintenance.', maintenance: true},
      {'retry-after': '3600', 'x-maintenance-mode': 'true'},
    )
  }
  checkHeaders(request)
  checkOrgSlug(request)
  service.rateLimit.countOfAll()
}

function checkHeaders({headers}: EmulatorRequest): void {
  const sizes = Object.entries(headers).map(([name, value]) => ({name, size: String(value).length}))
  const total = sizes.reduce((sum, {name, size}) => sum + name.length + size, 0)
  if (total > headersLimit) throw invalidHeaders(`Headers too large: ${total} bytes (max: ${headersLimit} bytes)`)
  const large = sizes.find(({size}) => size > headerLimit)
  if (large !== undefined) throw invalidHeaders(`Header '${large.name}' too large: ${large.size} bytes`)
}

function invalidHeaders(message: string): MiddlewareRefusal {
  return new MiddlewareRefusal(400, {error: 'INVALID_HEADERS', message, category: 'VALIDATION'})
}

function checkOrgSlug({url}: EmulatorRequest): void {
  const inPath = /^\/api\/v1\/organizations\/([^/]+)(?:\/|$)/.exec(url.pathname)?.[1]
  const slug = inPath ?? url.searchParams.get('org_slug')
  if (slug === null || slug === undefined || orgSlugPattern.test(slug)) return
  throw new MiddlewareRefusal(400, {
    error: 'INVALID_ORG_SLUG',
    message: `Invalid org slug format: ${slug}`,
    category: 'VALIDATION',
  })
}
