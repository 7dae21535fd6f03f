import assert from 'node:assert/strict'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {type AddressInfo, createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {type BuildFailure, build} from 'esbuild'
import {nodeFetch, substitute} from '../../../deploy/bundle/substitutes.ts'

describe('what is another module in a bundle', () => {
  it("says why a request failed, as node-fetch does: Node's own fetch keeps that in the cause", async () => {
    const {default: send} = await import(`data:text/javascript,${encodeURIComponent(nodeFetch)}`)
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const {port} = server.address() as AddressInfo
    await new Promise(resolve => server.close(resolve))
    const url = `http://127.0.0.1:${port}/x`
    await assert.rejects(send(url), {
      message: `request to ${url} failed, reason: connect ECONNREFUSED 127.0.0.1:${port}`,
      code: 'ECONNREFUSED',
      type: 'system',
    })
    await assert.rejects(send(url, {signal: AbortSignal.abort()}), {name: 'AbortError'})
    const cutting = createServer(socket => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"half": '))
    })
    await new Promise<void>(resolve => cutting.listen(0, '127.0.0.1', resolve))
    try {
      const cut = await send(`http://127.0.0.1:${(cutting.address() as AddressInfo).port}/y`)
      await assert.rejects(cut.json(), /^Error: request to http:\S+\/y failed, reason: other side closed$/)
    } finally {
      await new Promise(resolve => cutting.close(resolve))
    }
  })

  it('fails the build where the original has changed, or is not there', async () => {
    const root = await mkdtemp(join(tmpdir(), 'substitutes-'))
    try {
      const path = join(root, 'node_modules/@google-cloud/functions-framework/build/src/loader.js')
      await mkdir(dirname(path), {recursive: true})
      await writeFile(path, 'exports.loadFunction = () => undefined\n')
      const building = build({
        stdin: {contents: `require(${JSON.stringify(path)})`, resolveDir: root},
        write: false,
        bundle: true,
        platform: 'node',
        plugins: [substitute(root)],
        logLevel: 'silent',
      })
      await assert.rejects(building, (error: BuildFailure) => {
        const said = error.errors.map(({text}) => text).join('\n')
        assert.match(said, /loader\.js has changed .*exports\.getUserFunction/)
        assert.match(said, /nothing asks for readable-stream any more/)
        return true
      })
    } finally {
      await rm(root, {recursive: true})
    }
  })
})
