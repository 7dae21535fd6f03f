import assert from 'node:assert/strict'
import {mkdtemp, rm, symlink} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {projectRoot} from '../../../deploy/catalogue/catalogue.ts'
import {sandboxFolderOf} from '../../../deploy/local/sandbox-folder.ts'
import {ConfigurationError} from '../../../lib/errors/configuration-error.ts'

describe('sandboxFolderOf', () => {
  it('is .local of the project unless SANDBOX_FOLDER names another folder', () => {
    assert.equal(sandboxFolderOf({}), join(projectRoot, '.local'))
    assert.equal(sandboxFolderOf({SANDBOX_FOLDER: ''}), join(projectRoot, '.local'))
    assert.equal(sandboxFolderOf({SANDBOX_FOLDER: '/tmp/some/../place'}), '/tmp/place')
    assert.equal(sandboxFolderOf({SANDBOX_FOLDER: '/Users/gurukallamish/x'}), '/Users/gurukallamish/x')
  })

  for (const path of ['/Users/gurukallam', '/Users/gurukallam/', '/users/GuruKallam/x', '/Users/x/../gurukallam/y/z']) {
    it(`refuses ${path}`, () => {
      assert.throws(() => sandboxFolderOf({SANDBOX_FOLDER: path}), ConfigurationError)
    })
  }

  it('refuses a link to there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'link-'))
    try {
      await symlink('/Users/gurukallam', join(folder, 'link'))
      assert.throws(() => sandboxFolderOf({SANDBOX_FOLDER: join(folder, 'link', 'x')}), ConfigurationError)
    } finally {
      await rm(folder, {recursive: true})
    }
  })
})
