// Loaded before a function (NODE_OPTIONS --import): it waits a twentieth of the time between two tries of a request.
import timers from 'node:timers/promises'

const {setTimeout: wait} = timers
timers.setTimeout = (milliseconds, ...more) => wait(milliseconds / 20, ...more)
