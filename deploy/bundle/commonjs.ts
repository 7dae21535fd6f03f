import type {Plugin} from 'esbuild'

/** CommonJS packages inside an ES module still call require() for Node's own modules, and ask where they are. */
export const requireBanner = {
  js: [
    "import {createRequire as __createRequire} from 'node:module'",
    'const require = __createRequire(import.meta.url)',
    'const __filename = import.meta.filename',
    'const __dirname = import.meta.dirname',
    '',
  ].join(';'),
}

/** CommonJS packages that are imported late, with what is asked of them. */
const lateNames: Readonly<Record<string, string>> = {'@google-cloud/pubsub': 'PubSub, v1', 'libpg-query': 'parse'}

/** A CommonJS package that is imported late has nothing but a default export once it is split off: named again here. */
export function nameExports(projectRoot: string): Plugin {
  return {
    name: 'name-exports',
    setup({onResolve, onLoad}) {
      onResolve({filter: /^(@google-cloud\/pubsub|libpg-query)$/}, ({kind, path}) =>
        kind === 'dynamic-import' ? {path, namespace: 'name-exports'} : undefined,
      )
      onLoad({filter: /.*/, namespace: 'name-exports'}, ({path}) => ({
        contents: `export {${lateNames[path]}} from ${JSON.stringify(path)}\n`,
        resolveDir: projectRoot,
      }))
    },
  }
}
