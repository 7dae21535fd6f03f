import {connect, type Socket} from 'node:net'
import {connect as connectTls} from 'node:tls'
import type {Timer, TimerQueue} from '../state/timer-queue.ts'
import {type AnswerEvent, createAnswerReader} from './http-answer.ts'

/** How a push ended: with an HTTP status, or with a connection problem in words. */
export type PushOutcome = {readonly status: number} | {readonly problem: string}

export type PushConnections = {
  /**
   * Posts a body to the endpoint.
   *
   * @param done called once, at the latest when the connection is gone; never after `abort`.
   * @returns abort: gives up and closes the connection.
   */
  readonly post: (body: string, done: (outcome: PushOutcome) => void) => () => void
  /** No more posts: closes each connection as soon as nothing is under way on it. */
  readonly retire: () => void
}

type Connection = {
  readonly socket: Socket
  /** The push that waits for its answer here. */
  done: ((outcome: PushOutcome) => void) | undefined
  isIdle: boolean
  idleSinceMilliseconds: number
}

/**
 * Kept-alive connections are closed after this, well below the 5 s after which a Node server does: a push on a connection
 * that the other side is closing would count as a failed attempt.
 */
const maxIdleMilliseconds = 1500

/**
 * HTTP/1.1 connections to one push endpoint. Node's own client costs three times the processor time of this, which for
 * pushes is most of what a message costs (18,000 against 54,000 requests a second to a bare server).
 *
 * @param now a clock that never jumps, in milliseconds.
 */
export function createPushConnections(endpoint: URL, timers: TimerQueue, now: () => number): PushConnections {
  /** The one used last is used first, at the end: the others grow old. */
  const idle: Connection[] = []
  let sweep: Timer | undefined
  let isRetired = false
  const head =
    `POST ${endpoint.pathname}${endpoint.search} HTTP/1.1\r\nHost: ${endpoint.host}\r\n` +
    'Content-Type: application/json\r\nAccept: application/json\r\nUser-Agent: CloudPubSub-Google\r\nContent-Length: '

  function openConnection(): Connection {
    const connection: Connection = {
      socket: openSocket(endpoint),
      done: undefined,
      isIdle: false,
      idleSinceMilliseconds: 0,
    }
    const {socket} = connection
    const read = createAnswerReader(event => onAnswer(connection, event))
    socket.setNoDelay(true)
    socket.on('data', (bytes: Buffer) => {
      // Nothing was asked: what comes on an idle connection is a server's goodbye.
      if (connection.isIdle) socket.destroy()
      else read(bytes)
    })
    socket.on('error', (error: NodeJS.ErrnoException) => finish(connection, {problem: error.code ?? error.message}))
    socket.on('end', () => socket.destroy())
    socket.on('close', () => {
      leaveIdle(connection)
      finish(connection, {problem: 'the connection was closed without an answer'})
    })
    return connection
  }

  function onAnswer(connection: Connection, event: AnswerEvent): void {
    if (event.kind === 'broken') finish(connection, {problem: `the answer can't be read: ${event.problem}`})
    const isKept = event.kind === 'final' && event.isReusable && connection.socket.writableLength === 0 && !isRetired
    if (isKept) becomeIdle(connection)
    else if (event.kind !== 'interim') connection.socket.destroy()
    if (event.kind !== 'broken') finish(connection, {status: event.status})
  }

  function becomeIdle(connection: Connection): void {
    connection.isIdle = true
    connection.idleSinceMilliseconds = now()
    idle.push(connection)
    sweep ??= timers.set(maxIdleMilliseconds, closeOld)
  }

  function leaveIdle(connection: Connection): void {
    if (!connection.isIdle) return
    connection.isIdle = false
    const position = idle.indexOf(connection)
    if (position >= 0) idle.splice(position, 1)
  }

  function closeOld(): void {
    const oldest = now() - maxIdleMilliseconds / 2
    for (const connection of idle.filter(({idleSinceMilliseconds}) => idleSinceMilliseconds <= oldest)) {
      leaveIdle(connection)
      connection.socket.destroy()
    }
    sweep = idle.length > 0 ? timers.set(maxIdleMilliseconds / 2, closeOld) : undefined
  }

  return {
    post(body, done) {
      const connection = idle.pop() ?? openConnection()
      connection.isIdle = false
      connection.done = done
      connection.socket.write(`${head}${Buffer.byteLength(body)}\r\n\r\n${body}`)
      return () => {
        if (connection.done !== done) return
        connection.done = undefined
        connection.socket.destroy()
      }
    },
    retire() {
      isRetired = true
      if (sweep !== undefined) timers.cancel(sweep)
      for (const {socket} of idle) socket.destroy()
    },
  }
}

function openSocket(endpoint: URL): Socket {
  const host = endpoint.hostname.replaceAll(/^\[|\]$/g, '')
  if (endpoint.protocol === 'https:') return connectTls({host, port: Number(endpoint.port || 443), servername: host})
  return connect({host, port: Number(endpoint.port || 80)})
}

function finish(connection: Connection, outcome: PushOutcome): void {
  const {done} = connection
  connection.done = undefined
  done?.(outcome)
}
