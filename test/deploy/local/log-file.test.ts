import assert from 'node:assert/strict'
import {chmod, mkdtemp, readdir, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createLogFile, logFileOf, readLogFile} from '../../../deploy/local/log-file.ts'

describe("the file of a sandbox's lines", () => {
  let folder: string
  let path: string
  const now = () => new Date('2026-11-26T11:00:00Z')

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'log-file-'))
    path = logFileOf(folder)
  })
  afterEach(() => rm(folder, {recursive: true}))

  it('has each line at once, dated and without styles', async () => {
    const file = createLogFile(path, now)
    file.write('\u001b[90m10:59:59.123\u001b[39m \u001b[36minfo\u001b[39m  bootstrap@1 #1 begins')
    file.write('    at a line of a stack')
    assert.deepEqual(await readLogFile(path), [
      '2026-11-26 10:59:59.123 info  bootstrap@1 #1 begins',
      '    at a line of a stack',
    ])
    file.close()
  })

  it('appends to what is there, and closes it to others', async () => {
    await writeFile(path, 'of the day before\n')
    await chmod(path, 0o644)
    const file = createLogFile(path, now)
    file.write('of today')
    file.close()
    assert.deepEqual(await readLogFile(path), ['of the day before', 'of today'])
    assert.equal((await stat(path)).mode & 0o777, 0o600)
  })

  it('is two files of a bounded size, of which the older one is dropped', async () => {
    const file = createLogFile(path, now, 100)
    for (let index = 0; index < 50; index += 1) file.write(`line ${index} of 50`)
    file.close()
    assert.deepEqual((await readdir(folder)).toSorted(), ['functions.log', 'functions.log.1'])
    assert.ok((await stat(`${path}.1`)).size < 120)
    assert.equal((await stat(`${path}.1`)).mode & 0o777, 0o600)
    const lines = await readLogFile(path)
    assert.equal(lines.at(-1), 'line 49 of 50')
    assert.ok(lines.length > 7 && lines.length < 20, lines.join('\n'))
    const [first = ''] = lines
    assert.equal(lines.length, 50 - Number(/\d+/.exec(first)?.[0]))
  })

  it('ends nothing where it cannot be written', () => {
    const file = createLogFile(join(folder, 'no', 'folder'), now)
    file.write('lost')
    file.close()
  })
})
