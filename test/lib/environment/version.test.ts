import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {readVersion} from '../../../lib/environment/version.ts'

describe('readVersion', () => {
  let root: string
  const project = () => join(root, 'a larger repository/jobs')
  const folder = () => join(project(), 'lib/environment')
  const git = (...args: string[]) =>
    promisify(execFile)('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], {
      cwd: join(root, 'a larger repository'),
    })
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'version ü#%-'))
    await mkdir(folder(), {recursive: true})
    await writeFile(join(project(), 'package.json'), '{}\n')
  })
  afterEach(() => rm(root, {recursive: true}))

  it('is the package’s version alone in no repository, and in one without a commit', async () => {
    assert.equal(readVersion(folder(), '1.0.0'), '1.0.0')
    await git('init', '--quiet')
    assert.equal(readVersion(folder(), '1.0.0'), '1.0.0')
  })

  it('adds the commit, and says where the project differs from it: not the rest of a larger repository', async () => {
    await git('init', '--quiet')
    await git('add', '.')
    await git('commit', '--quiet', '--message', 'first')
    const {stdout} = await git('rev-parse', 'HEAD')
    const commit = stdout.slice(0, 7)
    await writeFile(join(root, 'a larger repository/elsewhere.txt'), 'new\n')
    assert.equal(readVersion(folder(), '1.0.0'), `1.0.0+${commit}`)
    await writeFile(join(project(), 'package.json'), '{"changed": true}\n')
    assert.equal(readVersion(folder(), '1.0.0'), `1.0.0+${commit}.dirty`)
  })
})
