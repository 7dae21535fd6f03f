const codes = {
  INVALID_ARGUMENT: {grpc: 3, http: 400},
  NOT_FOUND: {grpc: 5, http: 404},
  ALREADY_EXISTS: {grpc: 6, http: 409},
  FAILED_PRECONDITION: {grpc: 9, http: 400},
  OUT_OF_RANGE: {grpc: 11, http: 400},
  UNIMPLEMENTED: {grpc: 12, http: 501},
  INTERNAL: {grpc: 13, http: 500},
  UNAVAILABLE: {grpc: 14, http: 503},
} as const

export type StatusName = keyof typeof codes

/** A refusal as Google's APIs speak it: one name, with its number for gRPC and its status for HTTP. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly status: StatusName

  constructor(status: StatusName, message: string, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }

  get grpcCode(): number {
    return codes[this.status].grpc
  }

  get httpCode(): number {
    return codes[this.status].http
  }
}

/** What a caller is told about any error: a refusal as it is, everything else as a bug of this server. */
export function toStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new StatusError('INTERNAL', `The local Pub/Sub server failed: ${message}`, {cause: error})
}
