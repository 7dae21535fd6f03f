import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {projectRoot} from '../../deploy/catalogue/catalogue.ts'
import type {Group, Row} from './row.ts'

/** The whole of `npm test` and of `.ci/run`, once each: nobody waits for nine. */
export const testRows: Group = {
  name: 'tests',
  async measure({tell}) {
    const root = await mkdtemp(join(tmpdir(), 'bench-tests-'))
    try {
      tell('.ci/run on a fresh clone, once')
      await seconds('git', ['clone', '--quiet', projectRoot, '.'], root)
      const ci = await seconds('.ci/run', [], root)
      tell('npm test, once')
      return toRows(await seconds('npm', ['test'], root), ci)
    } finally {
      await rm(root, {recursive: true})
    }
  },
}

function toRows(tests: number, ci: number): Row[] {
  const row = (what: string, limit: number, value: number): Row => ({
    what,
    note: 'one run',
    baseline: '–',
    goal: {limit, is: 'at most', unit: 's'},
    figure: `${value.toFixed(0)} s`,
    value,
    runs: 1,
  })
  return [row('npm test, as committed', 90, tests), row('.ci/run on a fresh clone', 480, ci)]
}

async function seconds(program: string, words: readonly string[], cwd: string): Promise<number> {
  const from = performance.now()
  const child = spawn(program, words, {cwd, stdio: ['ignore', 'ignore', 'inherit']})
  await once(child, 'close')
  if (child.exitCode !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${child.exitCode}`)
  return (performance.now() - from) / 1000
}
