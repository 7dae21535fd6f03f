import {readdirSync} from 'node:fs'
import {dirname, join} from 'node:path'
import type {Plugin} from 'esbuild'
import {projectRoot} from '../catalogue/catalogue.ts'

/**
 * Files that find what is beside them by its name when they are imported, so that adding one edits no other file. A
 * bundle has no folder to search: there, the finder is replaced by imports of what it would have found.
 */
const finders = [
  {path: 'deploy/local/admin-api/find-routes.ts', suffix: '-routes.ts', exported: 'createRoutes'},
  {path: 'lib/admin-api/find-operations.ts', suffix: '-operations.ts', exported: 'createOperations'},
]

export const buildInFound: Plugin = {
  name: 'build-in-found',
  setup({onLoad}) {
    for (const {path, suffix, exported} of finders) {
      const finder = join(projectRoot, path)
      onLoad({filter: new RegExp(`[\\\\/]${path.split('/').at(-1)?.replace('.', '\\.')}$`)}, args => {
        if (args.path !== finder) return undefined
        const folder = dirname(finder)
        const names = readdirSync(folder)
          .filter(name => name.endsWith(suffix) && join(folder, name) !== finder)
          .sort()
        const imports = names.map((name, index) => `import found${index} from ${JSON.stringify(`./${name}`)}\n`)
        const list = names.map((_, index) => `found${index}`).join(', ')
        return {
          contents: `${imports.join('')}export const ${exported} = [${list}]\n`,
          loader: 'js',
          resolveDir: folder,
        }
      })
    }
  },
}
