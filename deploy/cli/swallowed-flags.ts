import {readFileSync} from 'node:fs'
import {join} from 'node:path'

/** Options of this project's commands that npm would keep for itself, by the variable in which it then passes them on. */
const flags = [
  'absent',
  'all',
  'api-health-url',
  'api-host',
  'arg',
  'check',
  'continue',
  'dry-run',
  'env',
  'failed',
  'fault',
  'follow',
  'force',
  'from',
  'job',
  'json',
  'kind',
  'latency',
  'limit',
  'now',
  'only',
  'open',
  'organizations',
  'plan',
  'port',
  'read-only',
  'reason',
  'remove-legacy',
  'reset',
  'run',
  'schedule',
  'since',
  'stats',
  'timeout',
  'wait',
  'yes',
]

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Options that were written before npm's `--`, and never reached the command: a dry run would be a real one. What an
 * `.npmrc` sets, or the environment in which npm was started, is a setting of npm, and not such an option.
 *
 * Source: npm documentation, "config", "Environment Variables" and "npmrc".
 *
 * @param read the text of a file, undefined where it can't be read.
 */
export function findSwallowedFlags(
  variables: Variables,
  read: (path: string) => string | undefined = readText,
): string[] {
  if (variables['npm_lifecycle_event'] === undefined) return []
  return flags.filter(flag => {
    const value = variables[variableOf(flag)]
    // `--no-wait` is passed on as an empty text.
    const isGiven = value !== undefined && (flag === 'wait' || (value !== '' && value !== 'false'))
    return isGiven && !isSetting(flag, variables, read)
  })
}

/** The variable in which npm passes an option on. */
export function variableOf(flag: string): string {
  return `npm_config_${flag.replaceAll('-', '_')}`
}

function isSetting(flag: string, variables: Variables, read: (path: string) => string | undefined): boolean {
  const project = variables['npm_config_local_prefix'] ?? '.'
  const files = [join(project, '.npmrc'), variables['npm_config_userconfig'], variables['npm_config_globalconfig']]
  const line = new RegExp(`^\\s*${flag}\\s*(=|$)`, 'm')
  if (files.some(path => path !== undefined && line.test(read(path) ?? ''))) return true
  return isInEnvironmentOfNpm(flag, read)
}

/** npm sets the variable for its scripts either way; only its own environment tells. Linux shows that of a process. */
function isInEnvironmentOfNpm(flag: string, read: (path: string) => string | undefined): boolean {
  const name = variableOf(flag)
  let pid: number | undefined = process.ppid
  // npm, the shell that it starts, and what a package manager's launcher adds: none is deeper than this.
  for (let depth = 0; depth < 4 && pid !== undefined && pid > 1; depth += 1) {
    const environment = read(`/proc/${pid}/environ`)?.split('\0') ?? []
    const has = (start: string) => environment.some(entry => entry.toLowerCase().startsWith(start))
    // The first process that npm did not start: npm itself, or what started it.
    if (environment.length > 0 && !has('npm_lifecycle_event=')) return has(`${name}=`)
    pid = Number(/^PPid:\s*(\d+)/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1]) || undefined
  }
  return false
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
