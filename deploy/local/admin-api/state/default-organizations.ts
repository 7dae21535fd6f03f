import type {OrganizationStatus} from './organization.ts'
import type {NewOrganization} from './organization-registry.ts'
import type {Release} from './release.ts'

/**
 * Who lives in a fresh sandbox: twelve active organizations and two that are not, so that each job finds something to
 * do. Some have no dataset yet, some a drifted one, two have counters that got stuck, three have alerts to send, and
 * five have integrations whose cost pipelines run.
 */
export function defaultOrganizations(release: Release): NewOrganization[] {
  const whole = {tables: release.organizationTables, views: release.organizationViews}
  const [firstTable] = Object.keys(release.organizationTables)
  const lackingATable = {
    ...whole,
    tables: Object.fromEntries(Object.entries(whole.tables).filter(([table]) => table !== firstTable)),
  }
  const lackingColumns = {
    ...whole,
    tables: Object.fromEntries(Object.entries(whole.tables).map(([table, columns]) => [table, columns.slice(0, 5)])),
  }

  return [
    {
      ...company('acme_inc', 'Acme Inc.', 'SCALE', '2025-03-04'),
      dataset: whole,
      state: {integrations: [{provider: 'GCP_SA'}, {provider: 'AWS_ROLE'}, {provider: 'OPENAI'}]},
    },
    {
      ...company('northwind_traders', 'Northwind Traders', 'PROFESSIONAL', '2025-04-11'),
      dataset: whole,
      state: {integrations: [{provider: 'AZURE_APP'}]},
    },
    {
      ...company('globex_2025', 'Globex Corporation', 'SCALE', '2025-05-02', ['EUR', 'Europe/Berlin']),
      dataset: whole,
      state: {
        alertConditions: ['cost_threshold', 'budget_percent'],
        integrations: [{provider: 'GCP_SA'}, {provider: 'CLAUDE'}],
      },
    },
    {...company('initech', 'Initech', 'STARTER', '2025-05-19', ['USD', 'America/Chicago']), dataset: lackingATable},
    {
      ...company('umbrella_health', 'Umbrella Health', 'PROFESSIONAL', '2025-06-23', ['GBP', 'Europe/London']),
      dataset: whole,
      state: {stuckCounters: 2},
    },
    company('vandelay_imports', 'Vandelay Imports', 'STARTER', '2025-07-01', ['USD', 'America/New_York'], 'CANCELLED'),
    {...company('gulf_logistics', 'Gulf Logistics LLC', 'SCALE', '2025-08-14', ['AED', 'Asia/Dubai']), dataset: whole},
    {
      ...company('sakura_systems', 'Sakura Systems KK', 'PROFESSIONAL', '2025-09-30', ['JPY', 'Asia/Tokyo']),
      dataset: lackingColumns,
      state: {alertConditions: ['hierarchy_budget', 'anomaly_percent_change'], integrations: [{provider: 'GEMINI'}]},
    },
    company('hooli', 'Hooli', 'SCALE', '2026-01-08', ['USD', 'America/Los_Angeles'], 'SUSPENDED'),
    {
      ...company('lakeside_bank', 'Lakeside Bank', 'SCALE', '2026-02-17', ['CHF', 'Europe/Zurich']),
      dataset: whole,
      state: {alertConditions: ['absolute_threshold'], integrations: [{provider: 'GCP_SA'}]},
    },
    {
      ...company('pied_piper', 'Pied Piper', 'STARTER', '2026-04-03', ['USD', 'America/Los_Angeles']),
      state: {stuckCounters: 1},
    },
    company('rajput_textiles', 'Rajput Textiles', 'STARTER', '2026-06-21', ['INR', 'Asia/Kolkata']),
    company('outback_energy', 'Outback Energy', 'PROFESSIONAL', '2026-09-09', ['AUD', 'Australia/Sydney']),
    company('wayne_tech', 'Wayne Technologies', 'SCALE', '2026-10-27'),
  ]
}

function company(
  slug: string,
  name: string,
  plan: string,
  day: string,
  [currency, timezone]: readonly [currency: string, timezone: string] = ['USD', 'UTC'],
  status: OrganizationStatus = 'ACTIVE',
): NewOrganization {
  return {
    org_slug: slug,
    company_name: name,
    subscription_plan: plan,
    status,
    default_currency: currency,
    default_timezone: timezone,
    created_at: `${day}T09:30:00.000Z`,
  }
}
