import assert from 'node:assert/strict'
import {glob, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {projectRoot} from '../../../deploy/catalogue/catalogue.ts'
import {findSwallowedFlags} from '../../../deploy/cli/swallowed-flags.ts'

describe('findSwallowedFlags', () => {
  it('finds what npm kept for itself, and nothing where npm is not in between', () => {
    const variables = {npm_config_dry_run: 'true', npm_config_wait: '', npm_config_yes: 'false', npm_config_cache: '/x'}
    assert.deepEqual(findSwallowedFlags({...variables, npm_lifecycle_event: 'publish'}), ['dry-run', 'wait'])
    assert.deepEqual(findSwallowedFlags(variables), [])
  })

  it('knows the options of every command', async () => {
    const paths = await Array.fromAsync(glob('deploy/**/*.ts', {cwd: projectRoot}))
    const sources = await Promise.all(paths.map(path => readFile(join(projectRoot, path), 'utf8')))
    const names = sources.flatMap(text =>
      [...text.matchAll(/[oO]ption\(\s*'--(?:no-)?([a-z-]+)/g)].map(([, name = '']) => name),
    )
    assert.ok(names.length > 20)
    const variables = Object.fromEntries(names.map(name => [`npm_config_${name.replaceAll('-', '_')}`, 'x']))
    const known = findSwallowedFlags({...variables, npm_lifecycle_event: 'publish'})
    assert.deepEqual(
      [...new Set(names)].filter(name => !known.includes(name)),
      [],
    )
  })
})
