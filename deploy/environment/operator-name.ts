import {hostname, userInfo} from 'node:os'

/** Who asks: stands in the ledger and in the message's attributes, where 200 characters are the most. */
export function operatorName(): string {
  return `${userInfo().username}@${hostname()}`.slice(0, 200)
}
