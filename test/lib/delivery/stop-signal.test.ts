import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {text} from 'node:stream/consumers'
import {projectRoot} from '../../../deploy/catalogue/catalogue.ts'

/** A process with the listener that the framework would add, and what a function does on top of it. */
const script = (doing: string) => `
  import {createStopSignal} from './lib/delivery/stop-signal.ts'
  const stop = createStopSignal(process)
  for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => process.exit(7))
  setInterval(() => {}, 60_000)
  ${doing}
  process.stdout.write('ready ')
`
const inFlight = `
  void stop.track(new Promise(resolve => {
    stop.signal.addEventListener('abort', () => setTimeout(() => {
      process.stdout.write('handed over: ' + stop.signal.reason.message)
      resolve()
    }, 20))
  }))
`
const settled = 'await stop.track(Promise.resolve())'
const failed = "await stop.track(Promise.reject(new Error('no'))).catch(() => undefined)"

/** Starts it, stops it when it is ready, and waits for its end. */
async function runUntil(signal: NodeJS.Signals, doing: string): Promise<{printed: string; exitCode: number | null}> {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script(doing)], {
    cwd: projectRoot,
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  child.stdout.once('data', () => child.kill(signal))
  const printed = await text(child.stdout)
  await ended
  return {printed, exitCode: child.exitCode}
}

describe('createStopSignal', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`waits at ${signal} until what is in flight has handed over, in the framework’s stead`, async () => {
      assert.deepEqual(await runUntil(signal, inFlight), {
        printed: 'ready handed over: the instance was told to stop',
        exitCode: 0,
      })
    })
  }

  for (const [what, doing] of Object.entries({settled, failed})) {
    it(`ends at once where everything is ${what}`, async () => {
      assert.deepEqual(await runUntil('SIGTERM', doing), {printed: 'ready ', exitCode: 0})
    })
  }

  it('leaves it to the framework before the first event', async () => {
    assert.deepEqual(await runUntil('SIGTERM', ''), {printed: 'ready ', exitCode: 7})
  })
})
