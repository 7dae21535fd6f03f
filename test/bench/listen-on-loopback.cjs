// Loaded before a function that is measured: it listens on loopback, on any port, and says when and how large it is.
const {readFileSync, writeSync} = require('node:fs')
const {Server} = require('node:net')

const {listen} = Server.prototype
Server.prototype.listen = function (_port, callback) {
  return listen.call(this, 0, '127.0.0.1', () => {
    writeSync(1, `ready ${this.address().port} ${process.memoryUsage.rss()}\n`)
    callback?.()
  })
}
/** Of this program alone: on Linux resourceUsage() begins with what the process that started it had. */
function peakMemory() {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024
  } catch {
    return process.resourceUsage().maxRSS * 1024
  }
}
process.on('SIGUSR2', () => {
  const {user, system} = process.cpuUsage()
  writeSync(1, `usage ${process.memoryUsage.rss()} ${user + system} ${peakMemory()}\n`)
})
