import type {Duplex} from 'node:stream'
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import {type AnyDefinition, fromJSON, type ServiceDefinition} from '@grpc/proto-loader'
import type {ProtoSchema} from '../wire/proto-schema.ts'
import {toStatusError} from '../wire/status-error.ts'
import type {RpcMethods} from './rpc-method.ts'
import type {StreamingPull} from './streaming-pull.ts'

/** Above what is ever published, so that the refusal comes in Google's words instead of gRPC's. */
const maxMessageBytes = 32 * 1024 * 1024

/** Both services over gRPC, on connections that it is given. */
export type GrpcFront = {
  readonly inject: (connection: Duplex) => void
  /** Cuts all connections. */
  readonly stop: () => void
}

export function createGrpcFront(options: {
  readonly schema: ProtoSchema
  readonly methods: RpcMethods
  readonly streamingPull: StreamingPull
}): GrpcFront {
  const {schema, methods, streamingPull} = options
  const server = new Server({
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
  })
  const definitions = fromJSON(schema.forLoader, {longs: Number, enums: String, bytes: Buffer})
  for (const name of ['Publisher', 'Subscriber']) {
    const definition = definitions[`google.pubsub.v1.${name}`]
    if (definition === undefined || !isService(definition)) throw new Error(`The protos have no service ${name}`)
    server.addService(definition, implement(definition))
  }
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())

  function implement(definition: ServiceDefinition): UntypedServiceImplementation {
    const handlers: UntypedServiceImplementation = {}
    for (const name of Object.keys(definition)) {
      const method = methods[name]
      // What is left out is answered by gRPC with UNIMPLEMENTED.
      if (name === 'StreamingPull') handlers[name] = toStream
      else if (method !== undefined) handlers[name] = toUnary(method)
    }
    return handlers
  }

  function toStream(call: ServerDuplexStream<unknown, object>): void {
    const stream = streamingPull({
      isWritable: () => !call.writableNeedDrain,
      send: message => void call.write(message),
      end: error => call.emit('error', {code: error.grpcCode, details: error.message}),
    })
    call.on('data', stream.onRequest)
    call.on('drain', stream.onWritable)
    call.on('end', () => {
      stream.onGone()
      call.end()
    })
    call.on('cancelled', stream.onGone)
    call.on('error', stream.onGone)
  }

  return {inject: injector.injectConnection, stop: injector.destroy}
}

function toUnary(method: NonNullable<RpcMethods[string]>) {
  return (call: ServerUnaryCall<unknown, object>, callback: sendUnaryData<object>): void => {
    const fail = (error: unknown) => {
      const {grpcCode, message} = toStatusError(error)
      callback({code: grpcCode, details: message})
    }
    try {
      const answer = method(call.request, {onCancelled: listener => void call.on('cancelled', listener)})
      if (answer instanceof Promise) answer.then(value => callback(null, value), fail)
      else callback(null, answer)
    } catch (error) {
      fail(error)
    }
  }
}

function isService(definition: AnyDefinition): definition is ServiceDefinition {
  return !('format' in definition)
}
