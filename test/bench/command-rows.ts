import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {delimiter, dirname, join} from 'node:path'
import {loadCatalogue, projectRoot} from '../../deploy/catalogue/catalogue.ts'
import {startSandbox} from '../../deploy/local/sandbox.ts'
import {type Group, inTurn, median, type Row} from './row.ts'

/** What an operator waits for at the prompt, from Enter to the last line. */
export const commandRows: Group = {
  name: 'commands',
  async measure({runs, tell}) {
    const root = await mkdtemp(join(tmpdir(), 'bench-commands-'))
    const folder = join(root, 'up')
    const sandbox = await startSandbox({folder, jobs: await loadCatalogue()})
    try {
      const start = (words: readonly string[], code = 0) =>
        runCommandTimed(process.execPath, ['deploy/start.mjs', ...words], {folder, code})
      const npm = (words: readonly string[], given: {folder: string}) =>
        runCommandTimed('npm', words, {...given, code: 0})
      const publish = ['run', '--silent', 'publish', '--', 'bootstrap', 'local']
      const taken = await inTurn(runs, {
        node: round => {
          tell(`commands, round ${round} of ${runs}`)
          return runCommandTimed(process.execPath, ['-e', '0'], {folder, code: 0})
        },
        help: () => start(['publish', '--help']),
        wrong: () => start(['publish', 'nonsense', 'local'], 2),
        list: () => start(['list', 'local']),
        npm: () => npm(['run', '--silent', 'publish', '--', '--help'], {folder}),
        publish: () => npm(publish, {folder}),
        // A new folder each time: the sandbox's very first start.
        publishCold: round => npm(publish, {folder: join(root, `cold-${round}`)}),
      })
      const of = (name: keyof typeof taken) => median(taken[name])
      const node = of('node')
      const npmItself = of('npm') - of('help')
      const beside = (what: string, name: 'help' | 'wrong' | 'list'): Row => ({
        what,
        note: `without npm, which takes ${npmItself.toFixed(0)} ms more`,
        baseline: `node -e 0: ${node.toFixed(0)} ms`,
        goal: {limit: 4, is: 'at most'},
        figure: `${of(name).toFixed(0)} ms`,
        value: of(name) / node,
        runs,
      })
      const whole = (what: string, name: 'publish' | 'publishCold', limit: number): Row => ({
        what,
        note: 'with npm',
        baseline: '–',
        goal: {limit, is: 'at most', unit: 's'},
        figure: `${(of(name) / 1000).toFixed(2)} s`,
        value: of(name) / 1000,
        runs,
      })
      return [
        whole('npm run publish -- bootstrap local, sandbox up', 'publish', 1),
        whole('npm run publish -- bootstrap local, starting a sandbox that never ran', 'publishCold', 3),
        beside('publish --help', 'help'),
        beside('a wrong argument (publish nonsense local)', 'wrong'),
        beside('list local, sandbox up', 'list'),
      ]
    } finally {
      await sandbox.stop()
      await rm(root, {recursive: true})
    }
  },
}

/** @returns ms until the process has ended. @throws Error with what it printed, if it ended in another way than it should. */
export async function runCommandTimed(
  program: string,
  words: readonly string[],
  {folder, code}: {folder: string; code: number},
): Promise<number> {
  const {HOME = '', PATH = ''} = process.env
  const env = {HOME, NO_COLOR: '1', SANDBOX_FOLDER: folder, PATH: [dirname(process.execPath), PATH].join(delimiter)}
  const from = performance.now()
  const child = spawn(program, words, {cwd: projectRoot, env, stdio: ['ignore', 'pipe', 'pipe']})
  const printed: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => printed.push(text))
  await once(child, 'close')
  const milliseconds = performance.now() - from
  if (child.exitCode !== code) {
    throw new Error(`${program} ${words.join(' ')} ended with ${child.exitCode}:\n${printed.join('')}`)
  }
  return milliseconds
}
