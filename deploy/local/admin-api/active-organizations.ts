import {Refusal} from './refusal.ts'
import type {Organization} from './state/organization.ts'
import type {OrganizationRegistry} from './state/organization-registry.ts'

/**
 * Whom a run over all organizations works on, by name, or the one that the request names.
 *
 * @throws Refusal 404 in the service's words if that one is unknown or not active.
 */
export function findActive(
  organizations: OrganizationRegistry,
  orgSlug: string | undefined,
): readonly Readonly<Organization>[] {
  if (orgSlug === undefined) {
    return organizations.list('ACTIVE').sort((a, b) => (a.profile.org_slug < b.profile.org_slug ? -1 : 1))
  }
  const organization = organizations.get(orgSlug)
  if (organization?.profile.status !== 'ACTIVE') {
    throw new Refusal(404, `Organization '${orgSlug}' not found or not active`)
  }
  return [organization]
}
