import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {startTestSandbox, type TestSandbox} from './test-sandbox.ts'

/** One sandbox for the tests of a suite, in a folder of its own; both are there only while they run. */
export function useSandbox(): {readonly folder: string; readonly sandbox: TestSandbox} {
  let current: {readonly folder: string; readonly sandbox: TestSandbox} | undefined
  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sandbox-'))
    current = {folder, sandbox: await startTestSandbox({folder})}
  })
  after(async () => {
    if (current === undefined) return
    await current.sandbox.stop()
    await rm(current.folder, {recursive: true})
  })
  const present = () => {
    if (current === undefined) throw new Error('the sandbox is there only while a test runs')
    return current
  }
  return {
    get folder() {
      return present().folder
    },
    get sandbox() {
      return present().sandbox
    },
  }
}
