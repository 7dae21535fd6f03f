import {execFile} from 'node:child_process'
import {existsSync} from 'node:fs'
import {mkdir, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {promisify} from 'node:util'
import {loadCatalogue, projectRoot} from '../catalogue/catalogue.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {UsageError} from '../cli/usage-error.ts'
import {type NewFile, newFiles} from './new-files.ts'
import {planNewJob} from './new-job.ts'
import {parseNewOptions} from './new-options.ts'

/** `npm run new`: a job, its test, its operation of the admin API, and the sandbox's answer. */
export async function runNew(argv: readonly string[], io: CommandIo): Promise<ExitCode> {
  const options = parseNewOptions(argv)
  if ('help' in options) {
    io.stdout(options.help)
    return exitCodes.done
  }
  const job = planNewJob(options.path, await loadCatalogue(), projectRoot)
  const files = newFiles(job)
  const lines = files.map(({path}) => `  ${path}`).join('\n')
  if (options.dryRun) {
    io.stdout(`Dry run, nothing is written. ${job.name} would be:\n${lines}`)
    return exitCodes.done
  }
  await writeNewFiles(files, projectRoot)
  // A process of its own: this one knows only the jobs that it was started with.
  await promisify(execFile)(process.execPath, ['deploy/start.mjs', 'readme'], {cwd: projectRoot})
  io.stdout(`${job.name} is made:\n${lines}\n  README.md (its table of jobs)\n\n${nextSteps(job.name, job.schedule)}`)
  return exitCodes.done
}

/** All or none: an existing file is never written over. @throws UsageError that names those that exist. */
export async function writeNewFiles(files: readonly NewFile[], root: string): Promise<void> {
  const existing = files.filter(({path}) => existsSync(join(root, path)))
  if (existing.length > 0) {
    throw new UsageError(`nothing is written, these exist already: ${existing.map(({path}) => path).join(', ')}`)
  }
  for (const {path, text} of files) {
    await mkdir(dirname(join(root, path)), {recursive: true})
    await writeFile(join(root, path), text, {flag: 'wx'})
  }
}

function nextSteps(name: string, schedule: string | undefined): string {
  const when = schedule === undefined ? '' : `, and when it runs (${schedule} is a free minute)`
  return [
    'Next:',
    `  1. say in its files what it does, whether it may be repeated${when}`,
    `  2. npm run publish -- ${name} local (a sandbox that is running: end it and start it again first)`,
    '  3. npm run check && npm test',
  ].join('\n')
}
