import assert from 'node:assert/strict'
import {join} from 'node:path'
import {projectRoot} from '../../../deploy/catalogue/catalogue.ts'
import {sandboxFolderOf} from '../../../deploy/local/sandbox-folder.ts'

describe('sandboxFolderOf', () => {
  it('is .local of the project unless SANDBOX_FOLDER names another folder', () => {
    assert.equal(sandboxFolderOf({}), join(projectRoot, '.local'))
    assert.equal(sandboxFolderOf({SANDBOX_FOLDER: ''}), join(projectRoot, '.local'))
    assert.equal(sandboxFolderOf({SANDBOX_FOLDER: '/tmp/some/../place'}), '/tmp/place')
  })
})
