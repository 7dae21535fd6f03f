const {getRegisteredFunction} = require('./function_registry')

/* The framework loads a function by path, and reads that package's type with another package; here it is built in. */
exports.getUserFunction = async (_path, target) => getRegisteredFunction(target)
