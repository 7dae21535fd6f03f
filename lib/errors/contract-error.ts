/** A counterpart answered with something its contract doesn't know; the request may have been carried out. */
export class ContractError extends Error {
  override readonly name = 'ContractError'
}
