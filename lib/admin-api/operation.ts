import type {HttpService} from '../http/http-service.ts'
import type {Log} from '../log/log.ts'

/** What operations may use besides the service itself. */
export type OperationOptions = {readonly log: Log; readonly now: () => Date; readonly deadline: Date}

/**
 * The default export of each `*-operations.ts`: its part of the client. Its methods are made known by extending
 * `AdminApi` from there, so that no other file changes.
 */
export type CreateOperations = (call: HttpService, options: OperationOptions) => object
