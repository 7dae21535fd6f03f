import {lstatSync, readlinkSync} from 'node:fs'
import {dirname, resolve, sep} from 'node:path'
import * as z from 'zod'
import {ConfigurationError} from '../errors/configuration-error.ts'

/** A person's own home folder: nothing in this project reads or writes below it. */
const offLimits = '/users/gurukallam/'
/** macOS has the volume that holds /Users under this path too, without a link. */
const dataVolume = '/system/volumes/data'
/** Linux follows no more in one path. */
const maxLinks = 40

const refusal = 'leads below /Users/gurukallam, where this project reads and writes nothing: name another path'

/**
 * A path from outside (a variable, an option), made absolute. Its text is checked first, in any case of letters; then
 * each component from the root on, and a link's target before the link is followed. What is off limits is never accessed.
 */
export const outsidePathSchema = z.string().transform((given, context) => {
  try {
    const path = resolve(given)
    if (!passesOffLimits(given, process.cwd()) && !leadsOffLimits(path)) return path
    context.addIssue(refusal)
  } catch (error) {
    context.addIssue(`can't be checked (${error instanceof Error ? error.message : error}): name another path`)
  }
  return z.NEVER
})

/**
 * Parses a path from outside; see {@link outsidePathSchema}.
 *
 * @param name of the variable or option, for the message: `SANDBOX_FOLDER`, `--file`.
 * @throws ConfigurationError if it lies, or leads, below /Users/gurukallam.
 */
export function parseOutsidePath(name: string, given: string): string {
  const {data, error} = outsidePathSchema.safeParse(given)
  if (data === undefined) throw new ConfigurationError([`${name} ${error.issues[0]?.message}`])
  return data
}

/** From left to right: `/Users/gurukallam/../x` would look there on its way. */
function passesOffLimits(text: string, base: string): boolean {
  // Backslashes and drives separate on Windows only, but elsewhere such a path means no other folder either.
  const words = text
    .replaceAll('\\', '/')
    .replace(/^[a-z]:(?=\/)/i, '')
    .split('/')
  let place = words[0] === '' ? sep : base
  return words.some(word => {
    place = resolve(place, word)
    return isOffLimits(place)
  })
}

function leadsOffLimits(path: string): boolean {
  let place: string = sep
  let links = 0
  const pending = path.split(sep)
  while (pending.length > 0) {
    // No links are left in the place so far, so `..` is the parent that the operating system means.
    place = resolve(place, pending.shift() ?? '')
    if (isOffLimits(place)) return true
    if (!lstatSync(place, {throwIfNoEntry: false})?.isSymbolicLink()) continue
    links += 1
    if (links > maxLinks) throw new Error(`more than ${maxLinks} links`)
    const target = readlinkSync(place)
    if (passesOffLimits(target, dirname(place))) return true
    pending.unshift(...target.split(sep))
    place = target.startsWith(sep) ? sep : dirname(place)
  }
  return false
}

function isOffLimits(path: string): boolean {
  // File systems that ignore case also fold compatible forms, such as U+212A for K.
  const folded = `${path.normalize('NFKC').toLowerCase()}/`
  return folded.startsWith(offLimits) || folded.startsWith(dataVolume + offLimits)
}
