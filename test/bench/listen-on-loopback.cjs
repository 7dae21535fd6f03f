// Loaded before a function that is measured: it listens on loopback, on any port, and says when and how large it is.
const {writeSync} = require('node:fs')
const {Server} = require('node:net')

const {listen} = Server.prototype
Server.prototype.listen = function (_port, callback) {
  return listen.call(this, 0, '127.0.0.1', () => {
    writeSync(1, `ready ${this.address().port} ${process.memoryUsage.rss()}\n`)
    callback?.()
  })
}
process.on('SIGUSR2', () => {
  const {user, system} = process.cpuUsage()
  // The peak comes in kilobytes.
  writeSync(1, `usage ${process.memoryUsage.rss()} ${user + system} ${process.resourceUsage().maxRSS * 1024}\n`)
})
