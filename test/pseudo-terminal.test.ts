import assert from 'node:assert/strict'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {findPseudoTerminal, openTerminal} from './support/pseudo-terminal.ts'

describe('a pseudo-terminal for tests', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pseudo-terminal-'))
  })
  afterEach(() => rm(folder, {recursive: true}))

  it('is not there without script(1)', () => {
    assert.equal(findPseudoTerminal(folder), false)
  })

  it('is not there with a script(1) that has other options', async () => {
    await writeFile(join(folder, 'script'), '#!/bin/sh\necho "script: unrecognized option: $1" >&2\nexit 1\n', {
      mode: 0o755,
    })
    assert.equal(findPseudoTerminal(folder), false)
  })

  it('fails the test that opens it without script(1), and nothing else', async () => {
    const terminal = openTerminal('true', {env: {PATH: folder}})
    await assert.rejects(terminal.until(/never/), {code: 'ENOENT'})
    await assert.rejects(terminal.ended, {code: 'ENOENT'})
    assert.deepEqual(terminal.processes(), [])
    terminal.close()
  })

  it('leaves no rejection behind that would end the test process', async () => {
    const terminal = openTerminal('true', {env: {PATH: folder}})
    // What no test has waited for by now is unhandled.
    for (let turn = 0; turn < 3; turn += 1) await new Promise(resolve => setImmediate(resolve))
    await assert.rejects(terminal.ended, {code: 'ENOENT'})
  })
})
