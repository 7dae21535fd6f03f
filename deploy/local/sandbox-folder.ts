import {join} from 'node:path'
import {parseOutsidePath} from '../../lib/environment/outside-path.ts'
import {projectRoot} from '../catalogue/catalogue.ts'

/**
 * Where the sandbox keeps its state, and where commands look for one that is running: `.local` of the project.
 *
 * @param variables SANDBOX_FOLDER names another folder.
 * @throws ConfigurationError for a folder that the project must not touch, links followed.
 */
export function sandboxFolderOf(variables: Readonly<Record<string, string | undefined>>): string {
  const given = variables['SANDBOX_FOLDER']
  return given === undefined || given === '' ? join(projectRoot, '.local') : parseOutsidePath('SANDBOX_FOLDER', given)
}
