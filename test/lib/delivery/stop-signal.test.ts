import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {EventEmitter, once} from 'node:events'
import {text} from 'node:stream/consumers'
import sinon from 'sinon'
import {projectRoot} from '../../../deploy/catalogue/catalogue.ts'
import {createStopSignal} from '../../../lib/delivery/stop-signal.ts'

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

  describe('with what does not hand over in time', () => {
    let clock: sinon.SinonFakeTimers
    beforeEach(() => {
      clock = sinon.useFakeTimers()
    })
    afterEach(() => clock.restore())

    function createScene() {
      const exit = sinon.fake()
      const listening = Object.assign(new EventEmitter(), {exit})
      listening.on('SIGTERM', () => assert.fail('the framework would end the process at once'))
      return {exit, listening, stop: createStopSignal(listening)}
    }

    it('ends 8 s after it was told to stop, 2 s before Cloud Run would', async () => {
      const {exit, listening, stop} = createScene()
      void stop.track(new Promise(() => {}))
      assert.equal(stop.signal.aborted, false)
      listening.emit('SIGTERM')
      assert.equal(stop.signal.aborted, true)
      await clock.tickAsync(7999)
      sinon.assert.notCalled(exit)
      await clock.tickAsync(1)
      sinon.assert.calledOnceWithExactly(exit, 0)
    })

    it('waits for each of several, and leaves the last answer time to go', async () => {
      const {exit, listening, stop} = createScene()
      void stop.track(new Promise(resolve => setTimeout(resolve, 1000)))
      void stop.track(new Promise(resolve => setTimeout(resolve, 3000)))
      listening.emit('SIGTERM')
      await clock.tickAsync(3099)
      sinon.assert.notCalled(exit)
      await clock.tickAsync(1)
      sinon.assert.calledOnce(exit)
    })

    it('waits for nothing that has settled before', async () => {
      const {exit, listening, stop} = createScene()
      await stop.track(Promise.resolve())
      await assert.rejects(stop.track(Promise.reject(new Error('no'))))
      listening.emit('SIGTERM')
      await clock.tickAsync(100)
      sinon.assert.calledOnce(exit)
    })

    it('replaces listeners once, at the first event', async () => {
      const {listening, stop} = createScene()
      await stop.track(Promise.resolve())
      const own = sinon.fake()
      listening.on('SIGTERM', own)
      await stop.track(Promise.resolve())
      listening.emit('SIGTERM')
      sinon.assert.calledOnce(own)
      await clock.tickAsync(100)
    })

    it('takes a second signal for the same', async () => {
      const {exit, listening, stop} = createScene()
      void stop.track(new Promise(() => {}))
      void stop.track(new Promise(() => {}))
      listening.emit('SIGTERM')
      assert.equal(listening.listenerCount('SIGTERM'), 0)
      listening.emit('SIGTERM')
      await clock.tickAsync(8000)
      sinon.assert.calledOnce(exit)
    })
  })
})
