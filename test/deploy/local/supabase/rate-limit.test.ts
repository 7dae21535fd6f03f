import {deepEqual, equal} from 'node:assert/strict'
import {createRateLimit} from '../../../../deploy/local/supabase/rate-limit.ts'

describe('createRateLimit', () => {
  it('begins its minute with the first request, not with the clock’s', () => {
    let seconds = 45
    const limit = createRateLimit({requestsPerMinute: 2, now: () => new Date(seconds * 1000)})
    equal(limit().isAllowed, true)
    seconds = 70
    equal(limit().isAllowed, true)
    seconds = 104.5
    deepEqual(limit(), {
      isAllowed: false,
      headers: {'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1'},
    })
    seconds = 105
    deepEqual(limit(), {
      isAllowed: true,
      headers: {'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': '60'},
    })
  })
})
