import assert from 'node:assert/strict'
import {UsageError} from '../../../deploy/cli/usage-error.ts'
import {typeCommand} from '../../support/type-command.ts'

describe('npm run sandbox', () => {
  it('names what it shows where that is missing, and where it is unknown', async () => {
    const options = {sandboxFolder: '/nonexistent'}
    const views = 'requests, notifications, organizations, tables'
    await assert.rejects(typeCommand('npm run sandbox', options), new UsageError(`show what? ${views}`))
    await assert.rejects(
      typeCommand('npm run sandbox -- request', options),
      new UsageError(`the sandbox shows no "request": ${views}`),
    )
  })
})
