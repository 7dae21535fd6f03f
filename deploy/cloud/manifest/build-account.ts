import {accountEmail, buildAccount} from '../names/names.ts'
import type {BindingSpec} from '../resources/specs.ts'

// What building a function takes. Source: Cloud Run functions, "Custom service account for Cloud Build".
const roles = ['roles/logging.logWriter', 'roles/artifactregistry.writer', 'roles/storage.objectAdmin']

/**
 * What the account that builds the functions may do. The project's default account would do in old projects only: since
 * July 2024 it may be without permissions, or missing.
 */
export function buildPermissions(projectId: string): readonly BindingSpec[] {
  const member = `serviceAccount:${accountEmail(buildAccount, projectId)}`
  return roles.map(role => ({target: 'project', on: projectId, role, member}))
}
