import type {Metafile} from 'esbuild'

/** What a function loads for an event that succeeds. */
export type SuccessPath = {
  /** Of code. */
  readonly bytes: number
  /** Every source file in it, as the bundler names them: `node_modules/zod/v4/core/api.js`. */
  readonly inputs: readonly string[]
}

/** Imported for a dead letter or a continuation, by nothing else. */
const publisher = '@google-cloud/pubsub'

/**
 * Reads the bundler's metafile: everything that the entry imports, at once or later, but for the Pub/Sub client and what
 * only that needs.
 *
 * @throws Error if the bundle has no entry, or the client is not a part of its own.
 */
export function successPathOf({outputs}: Metafile): SuccessPath {
  const names = Object.keys(outputs)
  const entry = names.find(name => name.endsWith('/index.mjs'))
  const late = names.filter(name => outputs[name]?.entryPoint?.endsWith(publisher))
  if (entry === undefined || late.length !== 1) throw new Error(`no bundle of which ${publisher} is split off`)
  const reached = new Set<string>()
  const visit = (name: string): void => {
    if (reached.has(name) || late.includes(name)) return
    reached.add(name)
    for (const {path, external} of outputs[name]?.imports ?? []) if (external !== true) visit(path)
  }
  visit(entry)
  return {
    bytes: [...reached].reduce((sum, name) => sum + (outputs[name]?.bytes ?? 0), 0),
    inputs: [...reached].flatMap(name => Object.keys(outputs[name]?.inputs ?? {})).sort(),
  }
}
