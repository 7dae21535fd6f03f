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

/** A CommonJS package that is imported late has nothing but a default export once it is split off: named again here. */
export function nameExports(projectRoot: string): Plugin {
  return {
    name: 'name-exports',
    setup({onResolve, onLoad}) {
      onResolve({filter: /^@google-cloud\/pubsub$/}, ({kind, path}) =>
        kind === 'dynamic-import' ? {path, namespace: 'name-exports'} : undefined,
      )
      onLoad({filter: /.*/, namespace: 'name-exports'}, ({path}) => ({
        contents: `export {PubSub, v1} from ${JSON.stringify(path)}\n`,
        resolveDir: projectRoot,
      }))
    },
  }
}
