/* winston's transports ask for this file of the package. */
module.exports = require('node:stream').Writable
