/** One unary method of google.pubsub.v1, the same for gRPC and REST. */
export type RpcMethod = (
  /** The request message, in the form that the protobuf loader gives it. */
  request: unknown,
  call: RpcCall,
) => object | Promise<object>

export type RpcCall = {
  /** The client is gone or its time is up: no one waits for the answer. */
  readonly onCancelled: (listener: () => void) => void
}

/** By the method's name in the service, `CreateTopic`. */
export type RpcMethods = Readonly<Record<string, RpcMethod>>
