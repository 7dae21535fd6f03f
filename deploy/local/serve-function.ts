import type {AddressInfo} from 'node:net'
import {guardLoopback} from './emulator/loopback-guard.ts'

/*
 * The process of one function in the sandbox: loads the entry from its sources and serves it with the functions
 * framework, but on loopback (the framework's own command listens on all interfaces and has no option for it). Started
 * by function-host.ts; ends with its parent.
 */
process.once('disconnect', () => process.exit(0))
// It may have ended before this was listening.
if (!process.connected) process.exit(0)

await import('../../lib/main.ts')
const {getTestServer} = await import('@google-cloud/functions-framework/testing')
const server = getTestServer(process.env['FUNCTION_TARGET'] ?? '')
const [handle] = server.listeners('request')
server.removeAllListeners('request')
// What a function makes of garbage is its own affair; who may send it something isn't.
server.on(
  'request',
  guardLoopback((request, response) => handle?.call(server, request, response), {acceptsAnyBody: true}),
)
// As in the framework's own main: a delivery may take as long as the function's timeout.
server.setTimeout(0)
server.requestTimeout = 0
server.listen(0, '127.0.0.1', () => {
  process.send?.({port: (server.address() as AddressInfo).port})
})
