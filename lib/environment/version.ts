import {execFileSync} from 'node:child_process'
import manifest from '../../package.json' with {type: 'json'}

let known: string | undefined

/**
 * The release of these jobs, in the ledger, the user agent, a function's label and Error Reporting: the package's version
 * and the commit, `2.0.0+0c785f1`, with `.dirty` where the work tree differs from it. Asked of Git once, when it is
 * needed; a function's bundle has it built in.
 */
export function currentVersion(): string {
  known ??= readVersion(import.meta.dirname, manifest.version)
  return known
}

/** @returns the package's version alone where the folder is in no Git repository, or there is no Git. */
export function readVersion(folder: string, packageVersion: string): string {
  try {
    // One call says both; from this folder on, so that the rest of a larger repository doesn't count.
    const status = execFileSync('git', ['status', '--porcelain=v2', '--branch', '--', '../..'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5000,
    })
    const commit = /^# branch\.oid ([0-9a-f]{7})/m.exec(status)?.[1]
    if (commit === undefined) return packageVersion
    return `${packageVersion}+${commit}${/^[^#]/m.test(status) ? '.dirty' : ''}`
  } catch {
    return packageVersion
  }
}
