import assert from 'node:assert/strict'
import {nextPause} from '../../../deploy/environment/pace.ts'

const pace = {nearMilliseconds: 250, farMilliseconds: 5000}

describe('nextPause', () => {
  for (const [since, pause] of [
    [0, 250],
    [2500, 250],
    [10_000, 1000],
    [50_000, 5000],
    [3_600_000, 5000],
  ] as const) {
    it(`is ${pause} ms when nothing has happened for ${since} ms`, () => {
      assert.equal(nextPause(pace, since), pause)
    })
  }
})
