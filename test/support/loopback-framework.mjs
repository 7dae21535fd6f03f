// Loaded before the functions framework's own command, which listens on all interfaces and tells nobody its port.
import {Server} from 'node:http'

const {listen} = Server.prototype
Server.prototype.listen = function (_port, ...rest) {
  this.once('listening', () => process.send?.({port: this.address().port}))
  return listen.call(
    this,
    0,
    '127.0.0.1',
    rest.find(argument => typeof argument === 'function'),
  )
}
process.once('disconnect', () => process.exit(0))
