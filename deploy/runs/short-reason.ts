import {toPrintableLine} from '../../lib/log/printable.ts'

/** As the HTTP clients word it: `…: Request failed due to a network error: GET <URL>: fetch failed: <cause>`. */
const networkError = /Request failed due to a network error: [A-Z]+ https?:\/\/([^\s/]+)\S*: (?:fetch failed: )?(.+)$/s
/** Node's codes, each with what follows it, and what they mean. */
const causes: readonly (readonly [RegExp, (subject: string) => string])[] = [
  [/ECONNREFUSED (\S+?)(?=:?(?:\s|$))/g, address => `connection refused at ${address}`],
  [/ENOTFOUND (\S+?)(?=:?(?:\s|$))/g, host => `no such host: ${host}`],
  [/EAI_AGAIN (\S+?)(?=:?(?:\s|$))/g, host => `the name of ${host} can't be looked up`],
  [/(?:EHOSTUNREACH|ENETUNREACH) (\S+?)(?=:?(?:\s|$))/g, address => `no route to ${address}`],
  [/ETIMEDOUT (\S+?)(?=:?(?:\s|$))/g, address => `no connection to ${address} in time`],
]
const requestIds = / \(request [^)]*\)|, (?:request_id|error_id) [^,:)]*/g

/**
 * Why an attempt failed, short enough for a line that is rewritten each second: the cause first, without addresses of
 * calls and ids of requests, which `runs <id>` and the logs have.
 */
export function toShortReason(reason: string): string {
  const [, host = '', cause = ''] = networkError.exec(reason) ?? []
  if (host === '') return toPrintableLine(reason.replaceAll(requestIds, ''), 1500)
  for (const [code, say] of causes) {
    // Of a name with several addresses, the last one: that of IPv4, as most are configured.
    const [, subject] = [...cause.matchAll(code)].at(-1) ?? []
    if (subject !== undefined) return toPrintableLine(say(subject), 300)
  }
  if (/ECONNRESET|other side closed|socket hang up/.test(cause))
    return `connection broken by ${toPrintableLine(host, 300)}`
  return toPrintableLine(`${cause}, at ${host}`, 1500)
}
