import assert from 'node:assert/strict'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Readable, Writable} from 'node:stream'
import {stripVTControlCharacters} from 'node:util'
import {runLocal} from '../../../deploy/local/local.ts'

describe('npm run local', function () {
  this.timeout(60_000)
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'local-'))
  })
  afterEach(() => rm(folder, {recursive: true}))

  /** What it prints until it is up; then it is ended. */
  async function banner(...argv: string[]): Promise<string> {
    const ctrlC = new AbortController()
    let printed = ''
    const stdout = (text: string) => {
      printed += `${stripVTControlCharacters(text)}\n`
      if (printed.includes('Ctrl-C ends it')) ctrlC.abort()
    }
    const terminal = Object.assign(new Writable({write: (_chunk, _encoding, done) => done()}), {
      isTTY: false,
      columns: 80,
    })
    const io = {stdout, stderr: stdout, env: {SANDBOX_FOLDER: folder}, stdin: Readable.from([]), terminal}
    assert.equal(await runLocal(argv, io, ctrlC.signal), 0)
    return printed
  }

  it('names its own API, and that nothing leaves the machine', async () => {
    const printed = await banner()
    assert.match(printed, /^The sandbox is up\. Nothing leaves this machine\.$/m)
    assert.match(printed, /^ {2}admin API +http:\/\/127\.0\.0\.1:\d+, 12 active organizations$/m)
  })

  it('names the API that the functions were given instead', async () => {
    const printed = await banner('--env', 'API_SERVICE_URL=http://127.0.0.1:1')
    assert.match(
      printed,
      /^The sandbox is up\. Its functions call the API at http:\/\/127\.0\.0\.1:1, as --env says\.$/m,
    )
    assert.match(printed, /^ {2}admin API +http:\/\/127\.0\.0\.1:1$/m)
    assert.doesNotMatch(printed, /Nothing leaves/)
  })

  it('names the variables that the functions were given, and shows no secret', async () => {
    const printed = await banner(
      '--env',
      'SUPABASE_API_URL=https://api.example.com',
      '--env',
      'CA_ROOT_API_KEY=wrong-key',
    )
    assert.match(
      printed,
      /^The sandbox is up\. Its functions call Supabase at https:\/\/api\.example\.com, as --env says\.$/m,
    )
    assert.match(printed, /^ {2}Supabase +https:\/\/api\.example\.com$/m)
    assert.match(printed, /^ {2}by --env +SUPABASE_API_URL, CA_ROOT_API_KEY$/m)
    assert.doesNotMatch(printed, /wrong-key|Nothing leaves/)
  })
})
