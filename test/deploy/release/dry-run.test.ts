import assert from 'node:assert/strict'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Readable, Writable} from 'node:stream'
import {stripVTControlCharacters} from 'node:util'
import {runRelease} from '../../../deploy/release/release.ts'
import {ConfigurationError} from '../../../lib/errors/configuration-error.ts'

describe('npm run release … --dry-run, for another environment than local', () => {
  let home: string
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'release-home-'))
    const workspace = join(home, '.openclaw', 'workspace')
    await mkdir(workspace, {recursive: true})
    for (const file of ['IDENTITY.md', 'CONTEXT.md']) await writeFile(join(workspace, file), '')
  })
  after(() => rm(home, {recursive: true}))

  async function tried(line: string, checkCredentials: () => Promise<void>) {
    const printed = {stdout: '', stderr: ''}
    const print = (stream: keyof typeof printed) => (text: string) => {
      printed[stream] += `${stripVTControlCharacters(text)}\n`
    }
    const terminal = Object.assign(new Writable({write: (_chunk, _encoding, done) => done()}), {
      isTTY: false,
      columns: 80,
    })
    const io = {
      stdout: print('stdout'),
      stderr: print('stderr'),
      env: {HOME: home},
      stdin: Readable.from([]),
      terminal,
    }
    const code = await runRelease(line.split(' '), io, new AbortController().signal, {checkCredentials})
    return {code, ...printed}
  }
  const found = () => Promise.resolve()
  const missing = () =>
    Promise.reject(new ConfigurationError(['no Google Cloud credentials on this machine: run `gcloud …`']))

  it('publishes nothing, says what a real run would do, and that nothing was asked', async () => {
    for (const env of ['stage', 'prod']) {
      const {code, stdout, stderr} = await tried(`${env} --dry-run`, found)
      assert.deepEqual([code, stderr], [0, ''])
      assert.match(stdout, /^\| migrate \| not run \| {2}\| would publish supabase-migrate to manual-jobs/m)
      assert.match(stdout, /^\| deploy frontend and API \| not run \| {2}\| people deploy: would wait for Enter/m)
      assert.match(stdout, new RegExp(`^Nothing was asked of .*: npm run doctor -- ${env}$`, 'm'))
      assert.doesNotMatch(stdout, /✔|not checked/)
    }
  })

  it('says that nothing could be checked without credentials, and exits with 3', async () => {
    const {code, stdout, stderr} = await tried('stage --dry-run', missing)
    assert.equal(code, 3)
    assert.match(stdout, /^\| org-sync-all \| not run \| {2}\| would publish .*; not checked: no credentials \|/m)
    assert.match(stderr, /^no Google Cloud credentials on this machine: run `gcloud …`$/m)
    const json = await tried('stage --dry-run --json', missing)
    assert.equal(json.code, 3)
    assert.match(JSON.parse(json.stdout).steps[0].note, /not checked: no credentials$/)
  })

  it('passes an error on that is no missing login', () =>
    assert.rejects(
      tried('stage --dry-run', () => Promise.reject(new TypeError('a bug'))),
      /a bug/,
    ))
})
