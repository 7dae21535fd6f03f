import {lstatSync, readlinkSync} from 'node:fs'
import {join, resolve, sep} from 'node:path'
import {ConfigurationError} from '../../lib/errors/configuration-error.ts'
import {projectRoot} from '../catalogue/catalogue.ts'

/** Belongs to a person's own machine; nothing of this project reads or writes there. */
const offLimits = '/users/gurukallam'

/**
 * Where the sandbox keeps its state, and where commands look for one that is running: `.local` of the project.
 *
 * @param variables SANDBOX_FOLDER names another folder.
 * @throws ConfigurationError for a folder that the project must not touch, links followed.
 */
export function sandboxFolderOf(variables: Readonly<Record<string, string | undefined>>): string {
  const given = variables['SANDBOX_FOLDER']
  if (given === undefined || given === '') return join(projectRoot, '.local')
  const folder = resolve(given)
  if (isOffLimits(followLinks(folder))) {
    throw new ConfigurationError(['SANDBOX_FOLDER lies where this project touches nothing: name another folder'])
  }
  return folder
}

/** Where a path leads, links followed, also those to what does not exist. Looks at nothing beyond what is off limits. */
function followLinks(path: string, links = 40): string {
  let place: string = sep
  for (const [index, name] of path.split(sep).entries()) {
    place = resolve(place, name)
    if (isOffLimits(place)) return place
    if (links === 0 || !lstatSync(place, {throwIfNoEntry: false})?.isSymbolicLink()) continue
    const rest = path.split(sep).slice(index + 1)
    return followLinks(resolve(place, '..', readlinkSync(place), ...rest), links - 1)
  }
  return place
}

function isOffLimits(path: string): boolean {
  return `${path.toLowerCase()}/`.startsWith(`${offLimits}/`)
}
