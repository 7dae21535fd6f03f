import {execFile} from 'node:child_process'
import {promisify} from 'node:util'

const run = promisify(execFile)

/** What a function replaces, at its barest: one call of the API, without claim, ledger and log. */
const script = `import os, httpx
response = httpx.post(os.environ['API_SERVICE_URL'] + '/api/v1/quota/reset-daily', headers={'x-ca-root-key': os.environ['CA_ROOT_API_KEY']})
response.raise_for_status()
`

export type PythonScript = {
  /** @returns ms from its start to its end. @throws Error with what it printed */
  readonly run: (env: Readonly<Record<string, string>>) => Promise<number>
}

/**
 * The script on this machine's Python, or on that of PYTHON.
 *
 * @returns why there is none where Python or httpx isn't there.
 */
export async function findPythonScript(python = process.env['PYTHON'] ?? 'python3'): Promise<PythonScript | string> {
  try {
    await run(python, ['-c', 'import httpx'])
  } catch {
    return `needs ${python} with httpx (PYTHON names another)`
  }
  return {
    async run(env) {
      const from = performance.now()
      await run(python, ['-c', script], {env: {...env, PATH: process.env['PATH'] ?? ''}})
      return performance.now() - from
    },
  }
}
