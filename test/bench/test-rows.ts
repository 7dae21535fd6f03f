import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {projectRoot} from '../../deploy/catalogue.ts'
import type {Group, Row} from './row.ts'

/** The whole of `npm test` and of `.ci/run`, once each: nobody waits for nine. */
export const testRows: Group = {
  name: 'tests',
  async measure({tell}) {
    tell('npm test, once')
    const tests = await seconds('npm', ['test'])
    tell('.ci/run, once')
    const ci = await seconds('.ci/run', [])
    const row = (what: string, limit: number, value: number): Row => ({
      what,
      note: 'one run',
      baseline: '–',
      goal: {limit, is: 'at most', unit: 's'},
      figure: `${value.toFixed(0)} s`,
      value,
      runs: 1,
    })
    return [row('npm test', 90, tests), row('.ci/run', 480, ci)]
  },
}

async function seconds(program: string, words: readonly string[]): Promise<number> {
  const from = performance.now()
  const child = spawn(program, words, {cwd: projectRoot, stdio: ['ignore', 'ignore', 'inherit']})
  await once(child, 'close')
  if (child.exitCode !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${child.exitCode}`)
  return (performance.now() - from) / 1_000
}
