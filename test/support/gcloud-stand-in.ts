import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import * as z from 'zod'
import {quote} from '../../deploy/cli/quote.ts'
import {createGcloudFake} from './gcloud-fake.ts'

/** An executable `gcloud` for real commands, on a project in memory. */
export type GcloudStandIn = {
  /** To be put first in PATH. */
  readonly folder: string
  /** Awaited before a call is answered. */
  onCall: (args: readonly string[]) => Promise<void>
  readonly stop: () => Promise<void>
}

const argsSchema = z.array(z.string())

export async function startGcloudStandIn(options: {readonly secrets: readonly string[]}): Promise<GcloudStandIn> {
  const fake = createGcloudFake({...options, readConfig: () => ({})})
  const server = createServer(async (request, response) => {
    const args = argsSchema.parse(JSON.parse(await text(request)))
    await standIn.onCall(args)
    if (args[0] === 'auth') return response.end('[{"account": "ops@example.com"}]')
    try {
      return response.end(await fake.gcloud(args))
    } catch (error) {
      return response.writeHead(500).end(String(error))
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const folder = await mkdtemp(join(tmpdir(), 'gcloud-'))
  const script = `const response = await fetch('http://127.0.0.1:${address.port}', {method: 'POST', body: JSON.stringify(process.argv.slice(2))})
const answer = await response.text()
if (response.ok) process.stdout.write(answer)
else process.stderr.write(answer)
process.exitCode = response.ok ? 0 : 1
`
  await writeFile(join(folder, 'gcloud.mjs'), script)
  // Not by the script's first line, which ends a path at a blank.
  const words = [process.execPath, join(folder, 'gcloud.mjs')].map(quote).join(' ')
  await writeFile(join(folder, 'gcloud'), `#!/bin/sh\nexec ${words} "$@"\n`, {mode: 0o755})
  const standIn: GcloudStandIn = {
    folder,
    onCall: async () => undefined,
    async stop() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await rm(folder, {recursive: true})
    },
  }
  return standIn
}
