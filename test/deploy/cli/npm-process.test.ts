import assert from 'node:assert/strict'
import {findNpm} from '../../../deploy/cli/npm-process.ts'

const failWith = (code: string) => () => {
  throw Object.assign(new Error(code), {code})
}

/** npm runs a script in a shell: 1 ← 10 bash ← 20 npm ← 30 sh. */
function system() {
  const files = new Map([
    ['/proc/10/stat', stat(10, 'bash', 1)],
    ['/proc/10/cmdline', 'bash\0-c\0npm run local\0'],
    ['/proc/20/stat', stat(20, 'npm run (a) R 7', 10)],
    ['/proc/20/cmdline', `npm run local${'\0'.repeat(8)}`],
    ['/proc/30/stat', stat(30, 'sh', 20)],
    ['/proc/30/cmdline', 'sh\0-c\0node deploy/start.mjs local\0'],
  ])
  const processes = {
    read: (path: string) => files.get(path) ?? failWith('ENOENT')(),
    probe: (_pid: number): void => {},
  }
  return {files, processes}
}

function stat(pid: number, command: string, parent: number, {state = 'S', startedAt = '500'} = {}): string {
  return `${pid} (${command}) ${state} ${parent} ${'0 '.repeat(17)}${startedAt} 0 0\n`
}

describe('findNpm', () => {
  it('finds the nearest ancestor that is npm, whether a shell is in between or not', () => {
    for (const parent of [20, 30]) assert.equal(findNpm(parent, system().processes)?.hasEnded(), false)
  })

  it('finds none where no ancestor is npm, or /proc can’t be read', () => {
    const {files, processes} = system()
    files.set('/proc/40/stat', stat(40, 'node', 10)).set('/proc/40/cmdline', 'npmrc-editor\0npm\0')
    assert.equal(findNpm(40, processes), undefined)
    assert.equal(findNpm(10, processes), undefined)
    assert.equal(findNpm(30, {...processes, read: failWith('ENOENT')}), undefined)
  })

  const ends: Record<string, (of: ReturnType<typeof system>) => void> = {
    'has no process any more': ({processes}) => {
      processes.probe = failWith('ESRCH')
    },
    'has exited, and its parent has not waited for it': ({files}) =>
      files.set('/proc/20/stat', stat(20, 'npm', 10, {state: 'Z'})),
    'has left its id to another process': ({files}) =>
      files.set('/proc/20/stat', stat(20, 'npm', 10, {startedAt: '900'})),
  }
  for (const [title, end] of Object.entries(ends)) {
    it(`says that npm has ended when it ${title}`, () => {
      const found = system()
      const npm = findNpm(30, found.processes)
      assert.equal(npm?.hasEnded(), false)
      end(found)
      assert.equal(npm?.hasEnded(), true)
    })
  }

  for (const code of ['EMFILE', 'ENOENT', 'EACCES', 'EPERM']) {
    it(`doesn't take ${code} for the end of npm`, () => {
      const {processes} = system()
      const npm = findNpm(30, processes)
      processes.read = failWith(code)
      assert.equal(npm?.hasEnded(), false)
    })
  }

  it('is not interested in the end of a shell in between', () => {
    const {files, processes} = system()
    const npm = findNpm(30, processes)
    files.delete('/proc/30/stat')
    files.set('/proc/20/stat', stat(20, 'npm', 1))
    assert.equal(npm?.hasEnded(), false)
  })
})
