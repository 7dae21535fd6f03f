import {createDeadLetterQueue} from '../../deploy/environment/dead-letter-queue.ts'

/*
 * A command that is killed while it holds letters: takes all there are, for a second, and kills itself.
 * Arguments: project, host.
 */
const [, , projectId = '', host = ''] = process.argv
process.env['METADATA_SERVER_DETECTION'] = 'none'

const queue = createDeadLetterQueue({projectId, host, pauseMilliseconds: 20, random: Math.random, leaseSeconds: 1})
const {signal} = new AbortController()
const {deadLetters} = await queue.peek([], signal)
const ids = deadLetters.map(({id}) => id)
await queue.hold(ids, signal, async () => process.kill(process.pid, 'SIGKILL'))
