import {startPubSubServer} from '../../deploy/local/pubsub/server/server.ts'

/* The embedded Pub/Sub in a process of its own, so that its memory can be told; ends with its parent. */
const {host} = await startPubSubServer()
process.stdout.write(`${host}\n`)
process.stdin.resume().once('end', () => process.exit(0))
