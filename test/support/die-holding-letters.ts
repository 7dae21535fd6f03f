import {createDeadLetterBox} from '../../deploy/environment/dead-letter-queue.ts'

/*
 * A command that is killed while it holds letters: takes all there are, for a second, and kills itself.
 * Arguments: project, host.
 */
const [, , projectId = '', host = ''] = process.argv
process.env['METADATA_SERVER_DETECTION'] = 'none'

const box = createDeadLetterBox({projectId, host, pauseMilliseconds: 20, random: Math.random, leaseSeconds: 1})
const {signal} = new AbortController()
const {letters} = await box.list(signal)
const ids = letters.map(({id}) => id)
await box.hold(ids, signal, async () => process.kill(process.pid, 'SIGKILL'))
