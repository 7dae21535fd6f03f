/** A counterpart understood the request and said no: 401, 403, 404, 409, 422 and the like. Nothing was carried out. */
export class RejectedError extends Error {
  override readonly name = 'RejectedError'
  readonly status: number
  /** The counterpart's own words, made printable. */
  readonly detail: string

  constructor(message: string, data: {status: number; detail: string}, options?: ErrorOptions) {
    super(message, options)
    this.status = data.status
    this.detail = data.detail
  }
}
