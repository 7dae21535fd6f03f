import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {compileCache} from '../support/compile-cache.ts'

const bench = fileURLToPath(new URL('./bench.ts', import.meta.url))

function run(...words: string[]): Promise<{code: number | null; stdout: string; stderr: string}> {
  return new Promise(resolve => {
    const env = {NODE_COMPILE_CACHE: compileCache}
    const child = execFile(process.execPath, [bench, ...words], {env}, (_, stdout, stderr) =>
      resolve({code: child.exitCode, stdout, stderr}),
    )
  })
}

describe('npm run bench', () => {
  it('says what can be measured', async () => {
    const {code, stdout} = await run('--help')
    assert.equal(code, 0)
    assert.match(stdout, /--only <groups> .*functions, cloud, sync, migrate, commands,\s+growth,\s+pubsub,\s+tests/s)
  })

  for (const [words, reason] of [
    [['--only', 'functions,nonsense'], /there is no group "nonsense": functions, cloud/],
    [['--runs', '0'], /--runs 0: it is a whole number from 1 to 999/],
    [['--against', 'no-such-file.md'], /--against no-such-file.md: it can't be read/],
    [['--forever'], /unknown option '--forever'/],
  ] as const) {
    it(`refuses ${words.join(' ')} before it measures anything`, async () => {
      const {code, stdout, stderr} = await run(...words)
      assert.deepEqual([code, stdout], [2, ''])
      assert.match(stderr, reason)
    })
  }
})
