import assert from 'node:assert/strict'
import {loadDeclaration} from '../../../lib/job/load-declaration.ts'

describe('loadDeclaration', () => {
  it('gives the declaration of the one file', async () => {
    const {default: bootstrap} = await import('../../../functions/manual/bootstrap.ts')
    assert.equal(await loadDeclaration('functions/manual/bootstrap.ts'), bootstrap)
  })

  it('is a wrong configuration where there is no such file', async () => {
    await assert.rejects(loadDeclaration('functions/manual/no-such-job.ts'), {
      name: 'ConfigurationError',
      message: /FUNCTION_TARGET names functions\/manual\/no-such-job\.ts, which does not exist$/,
    })
  })
})
