import assert from 'node:assert/strict'
import {typeCommand} from '../../support/type-command.ts'
import {useSandbox} from '../../support/use-sandbox.ts'

describe('a run that the ledger has nothing of', function () {
  this.timeout(60_000)
  const scene = useSandbox()
  const type = async (line: string) => {
    const {code, stderr} = await typeCommand(line, {sandboxFolder: scene.folder})
    return {code, stderr: stderr.replaceAll(/\s+/g, ' ')}
  }

  it('may run where the function does not reach the ledger: publish and runs say so, among the other causes', async () => {
    await type('npm run faults -- local add ledger:down')
    try {
      const {code, stderr} = await type('npm run publish -- quota-cleanup local --timeout 1s')
      assert.equal(code, 1)
      const [, runId = ''] = /runs -- local (\S+) --follow/.exec(stderr) ?? []
      assert.match(stderr, /No outcome within 1 s: .*The run goes on as soon as its message is delivered\./)
      const causes = `the function may not be deployed, or its subscription may be missing: npm run doctor -- local the function may not reach the run ledger, and run unrecorded: npm run logs -- local ${runId} `
      assert.ok(stderr.includes(causes), stderr)
      const asked = await type(`npm run runs -- local ${runId}`)
      assert.equal(asked.code, 1)
      assert.match(asked.stderr, /^The run ledger of local has nothing of \S+\. Possible causes: /)
      assert.match(asked.stderr, /its id may be mistyped, or it was not published: npm run runs -- local /)
      assert.ok(asked.stderr.endsWith(causes), asked.stderr)
    } finally {
      await type('npm run faults -- local clear')
    }
  })
})
