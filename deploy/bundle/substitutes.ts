import {readFile} from 'node:fs/promises'
import {dirname, join, relative, sep} from 'node:path'
import type {Loader, OnLoadResult, Plugin} from 'esbuild'

/** What stands for one file of a package in a bundle. */
type Substitute = {
  readonly file: string
  readonly loader?: Loader
  /** Fails where the file is not what the substitute was made for. */
  readonly contents: (original: string) => string
}

/** Media types that the framework asks for by name: of bodies it reads, and of answers it gives. */
const mediaTypes = [
  'application/json',
  'application/octet-stream',
  'application/x-www-form-urlencoded',
  'text/html',
  'text/plain',
]

const substitutes: readonly Substitute[] = [
  {
    // The framework loads a function by path, and its own package.json's type by another package; here it is built in.
    file: '@google-cloud/functions-framework/build/src/loader.js',
    contents: original => {
      expect(original, 'exports.getUserFunction = getUserFunction', 'getRegisteredFunction)(functionTarget)')
      return `const {getRegisteredFunction} = require('./function_registry')
exports.getUserFunction = async (_path, target) => getRegisteredFunction(target)
`
    },
  },
  {
    // Half a megabyte of tables for other encodings: an event is JSON in UTF-8.
    file: 'iconv-lite/encodings/index.js',
    contents: original => {
      expect(original, 'require("./internal")')
      return "Object.assign(exports, require('./internal'))\n"
    },
  },
  {
    file: 'mime-db/db.json',
    loader: 'json',
    contents: original => {
      const all: Record<string, unknown> = JSON.parse(original)
      expect(Object.keys(all).join('\n'), ...mediaTypes)
      return JSON.stringify(Object.fromEntries(mediaTypes.map(type => [type, all[type]])))
    },
  },
]

/**
 * logging-winston writes to standard output with `LogSync`; the rest of Google's logging client is its exporter, which
 * brings the whole gRPC stack.
 */
const stdoutLogging = `import {Entry} from '@google-cloud/logging/build/src/entry.js'
import {LogSync} from '@google-cloud/logging/build/src/log-sync.js'
export class Logging {
  constructor({projectId}) {
    this.projectId = projectId
  }
  entry(resource, data) {
    return new Entry(resource, data)
  }
  logSync(name, transport, options) {
    return new LogSync(this, name, transport, options)
  }
}
`

/**
 * What Google's clients send requests with, from before Node had a fetch of its own. Its errors say why a request, or the
 * reading of its answer, failed, and hold the system's code; Node's keep both in their cause.
 */
export const nodeFetch = `export default async function (input, init) {
  const explain = error => {
    const {cause} = error
    if (!(cause instanceof Error)) throw error
    const message = cause.message || cause.code
    throw Object.assign(new Error(\`request to \${input} failed, reason: \${message}\`, {cause}), {type: 'system', code: cause.code})
  }
  const response = await fetch(input, init).catch(explain)
  for (const name of ['arrayBuffer', 'blob', 'json', 'text']) {
    const read = response[name].bind(response)
    response[name] = () => read().catch(explain)
  }
  return response
}
`

/**
 * The framework runs each event in a domain: an error that nobody caught answers the event with 500, and the process lives
 * on. node:domain follows every promise and every socket to know whose error it is, which costs a third of all CPU; Node
 * keeps the same by itself in an AsyncLocalStorage. An error from outside of all events is the latest one's.
 */
const lightDomain = `const {AsyncLocalStorage} = require('node:async_hooks')
const {EventEmitter} = require('node:events')
const storage = new AsyncLocalStorage()
let latest
exports.create = () => {
  const domain = new EventEmitter()
  domain.bind = callback => callback
  domain.run = callback => {
    // The framework asks for process.domain a tick later.
    process.domain = domain
    if (latest === undefined) {
      process.setUncaughtExceptionCaptureCallback(error => (storage.getStore() ?? latest).emit('error', error))
    }
    latest = domain
    return storage.run(domain, callback)
  }
  return domain
}
`

/** Packages that are another module in a bundle. */
const modules: Readonly<Record<string, string>> = {
  '@google-cloud/logging': stdoutLogging,
  domain: lightDomain,
  'node-fetch': nodeFetch,
  // What the package itself does where READABLE_STREAM is "disable": Node's own streams, not a copy of them.
  'readable-stream': "module.exports = require('node:stream')\n",
  'readable-stream/lib/_stream_writable.js': "module.exports = require('node:stream').Writable\n",
}

/** Replaces parts of packages by smaller ones that do the same for a function; the build fails where one was not met. */
export function substitute(projectRoot: string): Plugin {
  return {
    name: 'substitute',
    setup({onStart, onResolve, onLoad, onEnd}) {
      const met = new Set<string>()
      onStart(() => met.clear())
      onResolve({filter: /^(@google-cloud\/logging|domain|node-fetch|readable-stream.*)$/}, ({path}) => {
        if (!(path in modules)) return undefined
        met.add(path)
        return {path, namespace: 'substitute'}
      })
      onLoad({filter: /.*/, namespace: 'substitute'}, ({path}) => ({
        contents: modules[path] ?? '',
        loader: 'js',
        resolveDir: projectRoot,
      }))
      onLoad({filter: /[\\/](loader\.js|encodings[\\/]index\.js|db\.json)$/}, async ({path}) => {
        const file = relative(join(projectRoot, 'node_modules'), path).split(sep).join('/')
        const found = substitutes.find(candidate => candidate.file === file)
        if (found === undefined) return undefined
        met.add(file)
        return await load(found, path)
      })
      onEnd(() => ({
        errors: [...substitutes.map(({file}) => file), ...Object.keys(modules)]
          .filter(name => !met.has(name))
          .map(name => ({text: `nothing asks for ${name} any more: look at deploy/bundle/substitutes.ts`})),
      }))
    },
  }
}

async function load({file, loader = 'js', contents}: Substitute, path: string): Promise<OnLoadResult> {
  try {
    return {contents: contents(await readFile(path, 'utf8')), loader, resolveDir: dirname(path)}
  } catch (error) {
    return {errors: [{text: `${file} has changed (${String(error)}): look at deploy/bundle/substitutes.ts`}]}
  }
}

function expect(text: string, ...parts: readonly string[]): void {
  const absent = parts.filter(part => !text.includes(part))
  if (absent.length > 0) throw new Error(`it has no ${absent.join(', no ')}`)
}
