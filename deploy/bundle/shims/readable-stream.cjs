/* What the package itself does where READABLE_STREAM is "disable": Node's own streams, not a copy of them. */
module.exports = require('node:stream')
