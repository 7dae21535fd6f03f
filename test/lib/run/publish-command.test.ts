import assert from 'node:assert/strict'
import {parseEnvironmentName} from '../../../deploy/catalogue/environments.ts'
import {publishCommand} from '../../../lib/run/publish-command.ts'

describe('publishCommand', () => {
  it('names the environment and each argument', () => {
    const command = publishCommand('org-sync-all', 'cloudact-prod', ['org=acme_inc', 'org=initech'])
    assert.equal(command, 'npm run publish -- org-sync-all prod --arg org=acme_inc --arg org=initech')
  })

  for (const name of ['prod', 'stage', 'local']) {
    it(`knows ${name} by its project, as the command line does`, () => {
      const {projectId} = parseEnvironmentName(name, {})
      assert.equal(publishCommand('bootstrap', projectId), `npm run publish -- bootstrap ${name}`)
    })
  }

  it('leaves the environment to the person where it does not know the project', () => {
    for (const projectId of ['other-project', 'constructor']) {
      assert.equal(publishCommand('bootstrap', projectId), 'npm run publish -- bootstrap <env>')
    }
  })
})
