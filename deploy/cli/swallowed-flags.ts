/** Options of this project's commands that npm would keep for itself, by the variable in which it then hands them on. */
const flags = [
  'all',
  'api-health-url',
  'arg',
  'check',
  'continue',
  'dry-run',
  'env',
  'failed',
  'force',
  'from',
  'job',
  'json',
  'kind',
  'limit',
  'now',
  'only',
  'plan',
  'reason',
  'remove-legacy',
  'reset',
  'run',
  'schedule',
  'since',
  'timeout',
  'wait',
  'yes',
]

/**
 * Options that were written before npm's `--`, and never reached the command: a dry run would be a real one.
 *
 * Source: npm documentation, "config", "Environment Variables".
 */
export function findSwallowedFlags(variables: Readonly<Record<string, string | undefined>>): string[] {
  if (variables['npm_lifecycle_event'] === undefined) return []
  return flags.filter(flag => {
    const value = variables[`npm_config_${flag.replaceAll('-', '_')}`]
    // `--no-wait` is handed on as an empty text.
    return value !== undefined && (flag === 'wait' || (value !== '' && value !== 'false'))
  })
}
