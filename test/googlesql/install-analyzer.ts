import {execFile} from 'node:child_process'
import {constants} from 'node:fs'
import {access, mkdir, rename, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'

/** Google's analyzer and the protocol that it speaks. Source: github.com/google/zetasql, zetasql/local_service. */
const packageName = '@fivetrandevelopers/zetasql'
const packageVersion = '1.13.0'
const cache = fileURLToPath(new URL('../../node_modules/.cache/googlesql', import.meta.url))

/** The package's servers, of 85 MB each; all but this machine's are removed. */
const servers: Readonly<Record<string, string>> = {
  'linux-x64': 'remote_server.so',
  'linux-arm64': 'remote_server_arm.so',
  'darwin-x64': 'remote_server',
  'darwin-arm64': 'remote_server_arm',
}

export type InstalledAnalyzer = {readonly server: string; readonly protos: string}

/**
 * Installs the analyzer into a cache of its own, once: it is far too large for a development dependency.
 *
 * @returns why it can't be had, where it can't.
 */
export async function installAnalyzer(
  say: (line: string) => void,
): Promise<InstalledAnalyzer | {readonly reason: string}> {
  const platform = `${process.platform}-${process.arch}`
  const server = servers[platform]
  if (server === undefined) return {reason: `${packageName} has no server for ${platform}`}
  const folder = join(cache, packageVersion)
  const parts = join(folder, 'node_modules', packageName, 'lib/zetasql')
  const installed = {server: join(parts, server), protos: join(parts, 'protos')}
  if (await isThere(installed.server)) return installed
  say(`installing ${packageName} ${packageVersion} (112 MB) into node_modules/.cache/googlesql, once`)
  const draft = join(cache, `draft-${process.pid}`)
  try {
    await mkdir(draft, {recursive: true})
    await writeFile(join(draft, 'package.json'), '{"private": true}\n')
    const args = [
      'install',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--save-exact',
      `${packageName}@${packageVersion}`,
    ]
    await promisify(execFile)('npm', args, {cwd: draft, timeout: 300_000})
    const others = Object.values(servers).filter(name => name !== server)
    const inDraft = join(draft, 'node_modules', packageName, 'lib/zetasql')
    await Promise.all(others.map(name => rm(join(inDraft, name), {force: true})))
    await rm(folder, {recursive: true, force: true})
    await rename(draft, folder)
    return installed
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error))
      .split('\n')
      .filter(text => /npm error|ENOENT|EACCES/.test(text))
    return {reason: `npm could not install ${packageName}@${packageVersion}${line === undefined ? '' : `: ${line}`}`}
  } finally {
    await rm(draft, {recursive: true, force: true})
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
