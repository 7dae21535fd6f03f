import {readFile} from 'node:fs/promises'
import {join, relative, sep} from 'node:path'
import type {Plugin} from 'esbuild'

type Part = {
  /** Files below `node_modules`, without their ending. */
  readonly files: readonly string[]
  /** Why no function can reach them. */
  readonly why: string
}

/**
 * Parts of packages that no function reaches, and that every cold start would pay for. What is left out fails with a
 * sentence that names it when it is used all the same, and the build fails when a part is no longer where it was.
 */
export const leftOut: readonly Part[] = [
  {
    why: "a function's credentials are the metadata server's; these are of keys, users and other clouds",
    files: [
      'awsclient',
      'awsrequestsigner',
      'baseexternalclient',
      'downscopedclient',
      'externalAccountAuthorizedUserClient',
      'externalclient',
      'gdchclient',
      'iam',
      'identitypoolclient',
      'idtokenclient',
      'impersonated',
      'jwtaccess',
      'jwtclient',
      'pluggable-auth-client',
      'refreshclient',
    ]
      .map(name => `google-auth-library/build/src/auth/${name}`)
      .concat('google-auth-library/build/src/gtoken/googleToken'),
  },
  {
    why: 'functions run statements; what these do is part of bootstrap, which is the API',
    files: ['dataset', 'model', 'routine', 'rowBatch', 'rowQueue', 'table'].map(
      name => `@google-cloud/bigquery/build/src/${name}`,
    ),
  },
  {
    why: 'the log goes to standard output',
    files: ['file', 'http', 'stream'].map(name => `winston/lib/winston/transports/${name}`),
  },
  {why: 'no event is a form, and no function reads a query', files: ['qs/lib/index']},
  {
    why: 'no function answers with a file, or a cookie',
    files: ['content-disposition/dist/index', 'cookie/index', 'send/index', 'serve-static/index'],
  },
  {why: 'schemas parse; none is printed', files: ['zod/v4/core/json-schema-processors', 'zod/v4/core/to-json-schema']},
  {why: 'for metadata that is inspected, an option that is off', files: ['lodash.mapvalues/index']},
  {why: 'numbers of more than 15 digits in the metadata of an instance', files: ['bignumber.js/bignumber']},
]

/** Replaces what is left out. `projectRoot` is the folder that holds `node_modules`. */
export function leaveOut(projectRoot: string): Plugin {
  const files = new Set(leftOut.flatMap(part => part.files))
  return {
    name: 'leave-out',
    setup({onStart, onLoad, onEnd}) {
      const met = new Set<string>()
      onStart(() => met.clear())
      onLoad({filter: /[\\/]node_modules[\\/].*\.js$/}, async ({path}) => {
        const file = relative(join(projectRoot, 'node_modules'), path).split(sep).join('/').replace(/\.js$/, '')
        if (!files.has(file)) return undefined
        met.add(file)
        return {contents: toAbsence(file, await readFile(path, 'utf8')), loader: 'js'}
      })
      onEnd(() => ({
        errors: [...files.difference(met)].map(file => ({
          text: `${file} is to be left out, but nothing asks for it: look at deploy/bundle/left-out.ts`,
        })),
      }))
    },
  }
}

/** A module with the same names, each of which throws when it is called; in CommonJS, also what is no class when read. */
function toAbsence(file: string, original: string): string {
  const failure = (name: string) =>
    `throw new Error(${name} + ${JSON.stringify(` of ${file} is left out of the bundle`)})`
  const names = [...original.matchAll(/^export (?:async )?(?:const|function|class) (\w+)/gm)].map(([, name]) => name)
  if (names.length > 0) {
    return names.map(name => `export const ${name} = () => { ${failure(JSON.stringify(name))} }\n`).join('')
  }
  return `module.exports = new Proxy(function () {}, {
  get(_, name) {
    // Asked of every module that is imported, whether it is used or not.
    if (typeof name === 'symbol' || name === '__esModule' || name === 'prototype') return undefined
    // Nothing is an instance of what is not there: a question that may be asked.
    if (/^[A-Z][A-Za-z0-9]*$/.test(name)) return class { constructor() { ${failure('name')} } }
    ${failure('name')}
  },
  apply() { ${failure("'a call'")} },
})
`
}
