import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {join} from 'node:path'
import {promisify} from 'node:util'
import * as z from 'zod'
import {projectRoot} from '../deploy/catalogue/catalogue.ts'

const reportSchema = z.object({tests: z.array(z.object({file: z.string(), fullTitle: z.string()}))})

/** The tests that `npm test -- <words>` would run. */
async function chosen(...words: string[]) {
  const mocha = join(projectRoot, 'node_modules/mocha/bin/mocha.js')
  const args = [mocha, '--dry-run', '--no-parallel', '--reporter', 'json', ...words]
  const {stdout} = await promisify(execFile)(process.execPath, args, {cwd: projectRoot, maxBuffer: 64e6})
  return reportSchema.parse(JSON.parse(stdout)).tests
}

describe('npm test', function () {
  this.timeout(60_000)
  const file = 'test/lib/http/backoff.test.ts'

  it('runs one file alone', async () => {
    const files = new Set((await chosen('--', file)).map(test => test.file))
    assert.deepEqual(files, new Set([join(projectRoot, file)]))
  })

  it('runs the tests of a title', async () => {
    const [first, ...others] = await chosen('--', file)
    assert.ok(first !== undefined && others.length > 0)
    assert.deepEqual(await chosen(file, '-g', first.fullTitle), [first])
  })
})
