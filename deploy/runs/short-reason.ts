import {toPrintableLine} from '../../lib/log/printable.ts'

/** As the HTTP clients word it: `…: Request failed due to a network error: GET <URL>: fetch failed: <cause>`. */
const networkError = /Request failed due to a network error: [A-Z]+ https?:\/\/([^\s/]+)\S*: (?:fetch failed: )?(.+)$/s
/** Node's codes, and what each means for the address or name that follows it. */
const meanings: Readonly<Record<string, (subject: string) => string>> = {
  ECONNREFUSED: address => `connection refused at ${address}`,
  ENOTFOUND: host => `no such host: ${host}`,
  EAI_AGAIN: host => `the name of ${host} can't be looked up`,
  EHOSTUNREACH: address => `no route to ${address}`,
  ENETUNREACH: address => `no route to ${address}`,
  ETIMEDOUT: address => `no connection to ${address} in time`,
}
/** A colon after the address belongs to the next error, not to it. */
const codeAndSubject = new RegExp(`(${Object.keys(meanings).join('|')}) (\\S+?)(?=:?(?:\\s|$))`, 'g')
const requestIds = / \(request [^)]*\)|, (?:request_id|error_id) [^,:)]*/g

/**
 * Why an attempt failed, short enough for a line that is rewritten each second: the cause first, without addresses of
 * calls and ids of requests, which `runs <id>` and the logs have.
 */
export function toShortReason(reason: string): string {
  const [, host = '', cause = ''] = networkError.exec(reason) ?? []
  if (host === '') return toPrintableLine(reason.replaceAll(requestIds, ''), 1500)
  // Of a name with several addresses, the last one: that of IPv4, as most are configured.
  const [, code = '', subject = ''] = [...cause.matchAll(codeAndSubject)].at(-1) ?? []
  const say = meanings[code]
  if (say !== undefined) return toPrintableLine(say(subject), 300)
  if (/ECONNRESET|other side closed|socket hang up/.test(cause))
    return `connection broken by ${toPrintableLine(host, 300)}`
  return toPrintableLine(`${cause}, at ${host}`, 1500)
}

/** A line about what last went wrong in a run that goes on; none where nothing is known. */
export function lastFailureText(reason: string | undefined): string[] {
  return reason === undefined || reason === '' ? [] : [`The last failure: ${toShortReason(reason)}`]
}
