import {ConfigurationError} from '../errors/configuration-error.ts'
import type {JobDeclaration} from './job.ts'

/**
 * Imports the one job that a function's target names, so that a broken sibling harms nobody. A bundle has its one job
 * built in: there, this file is replaced.
 *
 * @param path as `parseFunctionTarget` made it, below the project's root.
 * @throws ConfigurationError if there is no such job.
 */
export async function loadDeclaration(path: string): Promise<JobDeclaration> {
  const url = new URL(`../../${path}`, import.meta.url)
  try {
    const module: {default: JobDeclaration} = await import(url.href)
    return module.default
  } catch (cause) {
    const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND'
    if (!isAbsent || !cause.message.includes(path)) throw cause
    throw new ConfigurationError([`FUNCTION_TARGET names ${path}, which does not exist`], {cause})
  }
}
