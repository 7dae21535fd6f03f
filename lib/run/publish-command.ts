/** The environments' names on the command line, by project; `deploy/catalogue/environments.ts` has them the other way round. */
const environmentNames: Readonly<Record<string, string>> = {
  'cloudact-prod': 'prod',
  'cloudact-testing-1': 'stage',
  'cloudact-local': 'local',
}

/**
 * The command that runs a job, to be copied.
 *
 * @param args `key=value` each.
 */
export function publishCommand(job: string, projectId: string, args: readonly string[] = []): string {
  const environment = Object.hasOwn(environmentNames, projectId) ? environmentNames[projectId] : '<env>'
  return ['npm run publish --', job, environment, ...args.map(arg => `--arg ${arg}`)].join(' ')
}
