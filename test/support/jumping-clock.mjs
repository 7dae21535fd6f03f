// Loaded before a function (NODE_OPTIONS --import): its clock is off by as many milliseconds as a file says, and jumps
// when that changes. Timers, which go by another clock, are left alone, as they are when a machine's time is set.
import {readFileSync} from 'node:fs'

const file = process.env.CLOCK_FILE
const SystemDate = Date
const offset = () => Number(readFileSync(file, 'utf8')) || 0

class JumpingDate extends SystemDate {
  constructor(...args) {
    if (args.length === 0) super(SystemDate.now() + offset())
    else super(...args)
  }

  static now() {
    return SystemDate.now() + offset()
  }
}

globalThis.Date = JumpingDate
