import * as z from 'zod'

const entrySchema = z.looseObject({
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).default({}),
})
const lockSchema = z.looseObject({lockfileVersion: z.literal(3), packages: z.record(z.string(), z.looseObject({}))})

/**
 * The part of a lock file that one package needs: what stays outside a bundle is installed in the cloud exactly as it
 * was tested here. Source: npm documentation, "package-lock.json".
 *
 * @param lockText the project's own `package-lock.json`.
 * @param manifest the staged `package.json`, with its dependencies.
 * @throws Error if the lock file does not hold what the manifest wants.
 */
export function stageLock(
  lockText: string,
  manifest: {readonly name: string; readonly version: string; readonly dependencies: Readonly<Record<string, string>>},
): {readonly text: string; readonly paths: readonly string[]} {
  const lock = lockSchema.parse(JSON.parse(lockText))
  const paths = new Set<string>()
  const visit = (name: string, from: string, isRequired: boolean): void => {
    const path = whereFrom(name, from, lock.packages)
    if (path === undefined) {
      if (isRequired) throw new Error(`package-lock.json has no ${name}: run npm install, then again`)
      return
    }
    if (paths.has(path)) return
    paths.add(path)
    const {dependencies, optionalDependencies, peerDependencies} = entrySchema.parse(lock.packages[path])
    for (const next of Object.keys(dependencies)) visit(next, path, !(next in optionalDependencies))
    for (const next of Object.keys({...optionalDependencies, ...peerDependencies})) visit(next, path, false)
  }
  for (const name of Object.keys(manifest.dependencies)) visit(name, '', true)
  const kept = [...paths].sort().map(path => [path, withoutDev(lock.packages[path] ?? {})] as const)
  const {name, version} = manifest
  const staged = {
    name,
    version,
    lockfileVersion: 3,
    requires: true,
    packages: {'': manifest, ...Object.fromEntries(kept)},
  }
  return {text: `${JSON.stringify(staged, null, 2)}\n`, paths: [...paths].sort()}
}

/** Where Node finds a package: in the nearest node_modules on the way up. */
function whereFrom(name: string, from: string, packages: Readonly<Record<string, unknown>>): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    if (path in packages) return path
    if (folder === '') return undefined
  }
}

/** In the project it may be there for development too; in the cloud it is there to run. */
function withoutDev({
  dev: _dev,
  devOptional: _devOptional,
  ...entry
}: Record<string, unknown>): Record<string, unknown> {
  return entry
}
