import type {TestSandbox} from './test-sandbox.ts'

/** An organization that one notification is due for: whether it was sent twice is in the emulator's request log. */
export function addAlertedOrganization({adminApi}: Pick<TestSandbox, 'adminApi'>, orgSlug: string): void {
  adminApi.organizations.add({
    org_slug: orgSlug,
    company_name: orgSlug,
    admin_email: 'a@example.com',
    subscription_plan: 'SCALE',
    status: 'ACTIVE',
    default_currency: 'USD',
    default_timezone: 'UTC',
    // Rules live in the organization's own dataset.
    dataset: {tables: {}, views: []},
    state: {alertConditions: ['cost_threshold']},
  })
}
