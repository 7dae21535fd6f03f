import {spawn} from 'node:child_process'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import * as z from 'zod'
import {projectRoot} from '../../deploy/catalogue/catalogue.ts'
import {splitArgs} from './words.ts'

export type CommandEnd = {readonly code: number | null; readonly stdout: string; readonly stderr: string}

const manifestSchema = z.object({scripts: z.record(z.string(), z.string())})

/**
 * Runs a command as a person types it, `npm run <script> -- <words>`, but without npm in between.
 *
 * @param options.sandboxFolder where the command finds the sandbox that runs.
 */
export async function runLine(line: string, options: {readonly sandboxFolder: string}): Promise<CommandEnd> {
  const [, script = '', rest = ''] = /^npm run (\S+)(?: -- (.*))?$/.exec(line) ?? []
  const {scripts} = manifestSchema.parse(JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')))
  const [, file, command] = /^node (\S+) (\S+)$/.exec(scripts[script] ?? '') ?? []
  if (file === undefined || command === undefined) throw new Error(`package.json has no script for: ${line}`)
  const child = spawn(process.execPath, [join(projectRoot, file), command, ...splitArgs(rest)], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NO_COLOR: '1',
      SANDBOX_FOLDER: options.sandboxFolder,
    },
  })
  child.stdin.end()
  const texts = {stdout: '', stderr: ''}
  child.stdout.setEncoding('utf8').on('data', text => {
    texts.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    texts.stderr += text
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  return {code, ...texts}
}

/** The first command for a script that a text tells a person to type, without the remark behind it. */
export function findLine(text: string, script: string): string {
  const found = new RegExp(`npm run ${script} -- .*`).exec(text)?.[0]
  if (found === undefined) throw new Error(`no command for ${script} in:\n${text}`)
  return found.replace(/ {2,}\(.*$/, '').trim()
}
