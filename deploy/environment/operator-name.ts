import {hostname, userInfo} from 'node:os'

/** Who asks: stands in the ledger and in the message's attributes, where 200 characters are the most. */
export function operatorName(): string {
  return `${userName()}@${hostname()}`.slice(0, 200)
}

/** A user id without an entry in the password file has no name, as in a container that runs as any user. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
