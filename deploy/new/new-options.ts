import {Command} from '@commander-js/extra-typings'
import {parseArgv} from '../cli/parse-argv.ts'

export type NewOptions = {
  /** `daily/cost-report` */
  readonly path: string
  readonly dryRun: boolean
}

const description = `Makes a new job: its file in functions/, its test, the operation of the admin API that it calls, and what the sandbox's admin API answers. All of it passes npm run check and npm test, and works in the sandbox; what the job really does is then yours to write. README's table of jobs is rewritten. No existing file changes otherwise.`

/** Parses the words after `npm run new --`. @throws UsageError that says which word is wrong. */
export function parseNewOptions(argv: readonly string[]): NewOptions | {help: string} {
  const command = new Command('npm run new --')
    .description(description)
    .argument('<job>', 'daily/<name>, monthly/<name> or manual/<name>, in kebab-case: daily/cost-report')
    .option('--dry-run', 'list the files, and write none')
    .addHelpText('after', '\nExit codes: 0 done; 1 failed; 2 wrong usage or configuration.')
  const help = parseArgv(command, argv)
  if (help !== undefined) return {help}
  const [path = ''] = command.args
  return {path, dryRun: command.opts().dryRun ?? false}
}
