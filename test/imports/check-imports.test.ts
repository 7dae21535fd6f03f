import assert from 'node:assert/strict'
import {fileURLToPath} from 'node:url'
import {checkImports, checkSizes} from './check-imports.ts'
import {readImportGraph} from './import-graph.ts'

const check = (files: Record<string, string[]>) => checkImports(new Map(Object.entries(files)))

describe('checkImports', () => {
  it('finds nothing wrong with this project', async () => {
    const graph = await readImportGraph(fileURLToPath(new URL('../../', import.meta.url)))
    assert.ok(graph.size > 300)
    assert.deepEqual(checkImports(graph), [])
  })

  it('names a circle of folders', () => {
    assert.deepEqual(
      check({'lib/a/x.ts': ['lib/b/y.ts'], 'lib/b/z.ts': ['lib/c/w.ts'], 'lib/c/w.ts': ['lib/a/v.ts']}),
      ['folders import each other in a circle: lib/a → lib/b → lib/c → lib/a'],
    )
  })

  it('lets nothing import upwards', () => {
    assert.deepEqual(check({'deploy/cli/table.ts': ['deploy/runs/runs.ts']}), [
      'deploy/cli/table.ts imports deploy/runs/runs.ts, which is on a higher floor of deploy/',
    ])
    assert.deepEqual(check({'deploy/cloud/gcloud/a.ts': ['deploy/cloud/plan/b.ts']}), [
      'deploy/cloud/gcloud/a.ts imports deploy/cloud/plan/b.ts, which is on a higher floor of deploy/cloud/',
    ])
  })

  it('keeps lib/ apart from functions/ and deploy/, and functions from each other', () => {
    assert.deepEqual(
      check({'lib/a.ts': ['functions/daily/b.ts', 'deploy/cli/c.ts'], 'functions/daily/b.ts': ['lib/a.ts']}),
      [
        'lib/a.ts must not import functions/daily/b.ts',
        'lib/a.ts must not import deploy/cli/c.ts',
        'folders import each other in a circle: lib → functions/daily → lib',
      ],
    )
    assert.deepEqual(check({'functions/daily/a.ts': ['functions/manual/b.ts']}), [
      'functions/daily/a.ts must not import functions/manual/b.ts',
    ])
  })
})

describe('checkSizes', () => {
  it('names a file and a folder that grew too large', () => {
    assert.deepEqual(checkSizes(new Map([['lib/a.ts', 300]])), [])
    assert.deepEqual(checkSizes(new Map([['lib/a.ts', 301]])), ['lib/a.ts has 301 lines'])
    const many = Array.from({length: 26}, (_, index) => [`lib/x/${index}.ts`, 1] as const)
    assert.deepEqual(checkSizes(new Map(many)), ['lib/x/ has 26 files'])
  })
})
