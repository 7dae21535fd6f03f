import {fileURLToPath} from 'node:url'

/** What V8 compiled of the sources, types stripped, for tests and the processes that they start: half of a start's time. */
export const compileCache = fileURLToPath(new URL('../../node_modules/.cache/tests', import.meta.url))
