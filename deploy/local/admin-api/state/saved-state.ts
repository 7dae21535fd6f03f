import * as z from 'zod'
import type {CentralDataset} from './central-dataset.ts'
import {
  type OrganizationDataset,
  organizationDatasetSchema,
  organizationStateSchema,
  profileSchema,
} from './organization.ts'
import type {OrganizationRegistry} from './organization-registry.ts'
import {tableSetSchema} from './table-set.ts'

/** What is kept between two starts. What a test broke, and the books, are not: they belong to one start. */
export const savedStateSchema = z.strictObject({
  format: z.literal(1),
  centralTables: tableSetSchema.nullable(),
  /** The different datasets there are, each once. */
  datasets: z.array(organizationDatasetSchema),
  /** Oldest first. `dataset` is a position in `datasets`. */
  organizations: z.array(
    z.strictObject({
      profile: profileSchema,
      dataset: z.number().optional(),
      state: organizationStateSchema.optional(),
    }),
  ),
})
export type SavedState = z.infer<typeof savedStateSchema>

export function toSavedState(dataset: CentralDataset, organizations: OrganizationRegistry): SavedState {
  const positions = new Map<OrganizationDataset, number>()
  return {
    format: 1,
    centralTables: dataset.tables() ?? null,
    organizations: organizations.list().map(({profile, dataset: own, state}) => ({
      profile,
      ...(own === undefined ? {} : {dataset: positionOf(own)}),
      ...(Object.keys(state).length === 0 ? {} : {state}),
    })),
    datasets: [...positions.keys()],
  }

  function positionOf(own: OrganizationDataset): number {
    const position = positions.get(own) ?? positions.size
    positions.set(own, position)
    return position
  }
}

export function restoreOrganizations(saved: SavedState, organizations: OrganizationRegistry): void {
  for (const {profile, dataset, state} of saved.organizations) {
    organizations.add({
      ...profile,
      dataset: dataset === undefined ? undefined : saved.datasets[dataset],
      ...(state === undefined ? {} : {state}),
    })
  }
}
