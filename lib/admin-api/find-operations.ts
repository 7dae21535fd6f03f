import {readdirSync} from 'node:fs'
import * as z from 'zod'
import type {CreateOperations} from './operation.ts'

/*
 * The API's operations: every `*-operations.ts` beside this file makes some. In bundles, which have them built in, this
 * file is replaced.
 */
const moduleSchema = z.object({default: z.custom<CreateOperations>(value => typeof value === 'function')})

const names = readdirSync(import.meta.dirname).filter(
  name => name.endsWith('-operations.ts') && name !== 'find-operations.ts',
)
const modules = await Promise.all(
  names.sort().map(async name => moduleSchema.parse(await import(new URL(name, import.meta.url).href))),
)

export const createOperations: readonly CreateOperations[] = modules.map(module => module.default)
