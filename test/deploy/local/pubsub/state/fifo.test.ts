import assert from 'node:assert/strict'
import fc from 'fast-check'
import {createFifo} from '../../../../../deploy/local/pubsub/state/fifo.ts'

describe('createFifo', () => {
  it('gives everything back in order', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer(), fc.constant('shift' as const))), steps => {
        const [fifo, reference] = [createFifo<number>(), [] as number[]]
        for (const step of steps) {
          if (step === 'shift') assert.equal(fifo.shift(), reference.shift())
          else {
            fifo.push(step)
            reference.push(step)
          }
          assert.equal(fifo.length(), reference.length)
        }
      }),
    )
  })

  it('does so past the point where it lets go of what was taken', () => {
    const fifo = createFifo<number>()
    for (let item = 0; item < 10_000; item += 1) fifo.push(item)
    for (let item = 0; item < 10_000; item += 1) assert.equal(fifo.shift(), item)
    assert.equal(fifo.shift(), undefined)
  })
})
