const {AsyncLocalStorage} = require('node:async_hooks')
const {EventEmitter} = require('node:events')

/*
 * The functions framework runs each event in a domain: an error that nothing caught answers its own event with 500, and
 * the process lives on. node:domain follows every promise and every socket to know whose error it is, which costs a third
 * of all CPU; Node keeps the same by itself in an AsyncLocalStorage. An error outside of any event goes where it goes
 * without domains: to the framework's listener, which ends the process.
 */
const storage = new AsyncLocalStorage()

function onUncaught(error) {
  const domain = storage.getStore()
  if (domain !== undefined) return domain.emit('error', error)
  if (process.emit('uncaughtException', error, 'uncaughtException')) return
  process.stderr.write(`${error?.stack ?? error}\n`)
  process.exit(1)
}

exports.create = () => {
  const domain = new EventEmitter()
  domain.bind = callback => callback
  domain.run = callback => {
    // The framework asks for process.domain a tick later.
    process.domain = domain
    if (!process.hasUncaughtExceptionCaptureCallback()) process.setUncaughtExceptionCaptureCallback(onUncaught)
    return storage.run(domain, callback)
  }
  return domain
}
