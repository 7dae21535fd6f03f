import {readdirSync} from 'node:fs'
import * as z from 'zod'
import type {CreateRoutes} from './route.ts'

/*
 * The service's routes: every `*-routes.ts` beside this file makes some. In prepared commands, which have them built in,
 * this file is replaced.
 */
const moduleSchema = z.object({default: z.custom<CreateRoutes>(value => typeof value === 'function')})

const names = readdirSync(import.meta.dirname).filter(
  name => /-routes\.[a-z]+$/.test(name) && name !== 'find-routes.ts',
)
const modules = await Promise.all(
  names.sort().map(async name => moduleSchema.parse(await import(new URL(name, import.meta.url).href))),
)

export const createRoutes: readonly CreateRoutes[] = modules.map(module => module.default)
