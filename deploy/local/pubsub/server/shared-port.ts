import {createServer, type Server, type Socket} from 'node:net'

/** How a client that speaks HTTP/2 without TLS begins; no HTTP/1.1 request begins like this. */
const http2Preface = Buffer.from('PRI ')

/**
 * Listens on one loopback port for two protocols, and tells them apart by the first bytes. A connection is paused and
 * complete, first bytes included, when it is handed over.
 *
 * @param options.port 0 lets the system choose.
 * @throws Error when the port is taken.
 */
export async function listenOnSharedPort(options: {
  readonly port: number
  readonly onHttp1: (socket: Socket) => void
  readonly onHttp2: (socket: Socket) => void
}): Promise<{port: number; stop: () => Promise<void>}> {
  const open = new Set<Socket>()
  const server = createServer({noDelay: true}, socket => {
    let first = Buffer.alloc(0)
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.on('readable', sniff)

    function sniff(): void {
      const bytes: unknown = socket.read()
      if (!Buffer.isBuffer(bytes)) return
      first = Buffer.concat([first, bytes])
      const length = Math.min(first.length, http2Preface.length)
      const isHttp2 = first.subarray(0, length).equals(http2Preface.subarray(0, length))
      if (isHttp2 && length < http2Preface.length) return
      socket.off('readable', sniff)
      // Only now: what is put back is announced as readable again at once.
      socket.unshift(first)
      if (isHttp2) options.onHttp2(socket)
      else options.onHttp1(socket)
    }
  })
  await listen(server, options.port)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The Pub/Sub server listens on no port')
  return {
    port: address.port,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}
