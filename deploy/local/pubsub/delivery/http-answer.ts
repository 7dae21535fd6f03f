/** What a push needs to know of an HTTP/1.1 answer. */
export type AnswerEvent =
  /** `102 Processing`, which Pub/Sub takes for an acknowledgement; the final answer still comes. */
  | {readonly kind: 'interim'; readonly status: number}
  /** `isReusable`: the body ended where the connection can carry the next request. */
  | {readonly kind: 'final'; readonly status: number; readonly isReusable: boolean}
  | {readonly kind: 'broken'; readonly problem: string}

const maxHeadBytes = 65_536
const endOfHead = Buffer.from('\r\n\r\n')
const statusLine = /^HTTP\/1\.([01]) (\d{3})(?: |$)/

/**
 * Reads the answers on one connection, piece by piece. A chunked body is not worth following: the status is what counts,
 * and the connection is then given up.
 *
 * @returns a function that takes the next bytes and tells `onEvent` what has become known.
 */
export function createAnswerReader(onEvent: (event: AnswerEvent) => void): (bytes: Buffer) => void {
  let head: Buffer | undefined
  let answer: {status: number; isReusable: boolean; bodyBytesLeft: number} | undefined

  return function read(bytes) {
    if (answer !== undefined) return readBody(answer, bytes)
    head = head === undefined ? bytes : Buffer.concat([head, bytes])
    const end = head.indexOf(endOfHead)
    if (end < 0) {
      if (head.length > maxHeadBytes) onEvent({kind: 'broken', problem: 'its head does not end'})
      return
    }
    const rest = head.subarray(end + endOfHead.length)
    const lines = head.toString('latin1', 0, end).split('\r\n')
    head = undefined
    const match = statusLine.exec(lines[0] ?? '')
    const status = Number(match?.[2])
    if (match === null) return onEvent({kind: 'broken', problem: 'it is no HTTP/1.1 answer'})
    if (status === 101) return onEvent({kind: 'broken', problem: 'it wants to switch protocols'})
    if (status < 200) {
      if (status === 102) onEvent({kind: 'interim', status})
      if (rest.length > 0) read(rest)
      return
    }
    answer = {status, ...readFraming(lines, status, match[1] === '1')}
    readBody(answer, rest)
  }

  function readBody(current: {status: number; isReusable: boolean; bodyBytesLeft: number}, bytes: Buffer): void {
    current.bodyBytesLeft -= bytes.length
    if (current.isReusable && current.bodyBytesLeft > 0) return
    answer = undefined
    const isReusable = current.isReusable && current.bodyBytesLeft === 0
    onEvent({kind: 'final', status: current.status, isReusable})
  }
}

function readFraming(lines: readonly string[], status: number, isHttp11: boolean) {
  let length = status === 204 || status === 304 ? 0 : Number.NaN
  let isReusable = isHttp11
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(':')
    const value = line.slice(colon + 1).trim()
    const name = line.slice(0, colon).toLowerCase()
    if (name === 'content-length' && Number.isNaN(length)) length = Number(value)
    if (name === 'transfer-encoding' || (name === 'connection' && value.toLowerCase() === 'close')) isReusable = false
  }
  return {isReusable: isReusable && Number.isSafeInteger(length), bodyBytesLeft: length}
}
