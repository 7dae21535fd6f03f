import {readFile} from 'node:fs/promises'
import {dirname, join, relative, sep} from 'node:path'
import type {OnLoadResult, Plugin} from 'esbuild'

/** What a file of `shims/` stands for: a module, or one file of a package whose text must hold what it was made for. */
type Shim =
  | {readonly file: string; readonly module: string}
  | {readonly file: string; readonly packageFile: string; readonly expects: readonly string[]}

/** Each is here because a goal of `npm run bench`, or the bundle itself, fails without it. */
const shims: readonly Shim[] = [
  {file: 'domain.cjs', module: 'domain'},
  {file: 'logging.js', module: '@google-cloud/logging'},
  {file: 'mime-db.cjs', module: 'mime-db'},
  {file: 'readable-stream.cjs', module: 'readable-stream'},
  {file: 'readable-stream-writable.cjs', module: 'readable-stream/lib/_stream_writable.js'},
  {
    file: 'framework-loader.cjs',
    packageFile: '@google-cloud/functions-framework/build/src/loader.js',
    expects: ['exports.getUserFunction = getUserFunction', 'getRegisteredFunction)(functionTarget)'],
  },
  {file: 'iconv-encodings.cjs', packageFile: 'iconv-lite/encodings/index.js', expects: ['require("./internal")']},
]
const folder = join(import.meta.dirname, 'shims')

/** Replaces parts of packages; the build fails where one was not met, or is not what its shim was made for. */
export function applyShims(projectRoot: string): Plugin {
  return {
    name: 'shims',
    setup({onStart, onResolve, onLoad, onEnd}) {
      const met = new Set<string>()
      onStart(() => met.clear())
      onResolve({filter: /^(@google-cloud\/logging|domain|mime-db|readable-stream.*)$/}, ({path}) => {
        const shim = shims.find(candidate => 'module' in candidate && candidate.module === path)
        if (shim === undefined) return undefined
        met.add(shim.file)
        return {path: join(folder, shim.file)}
      })
      onLoad({filter: /[\\/](loader|encodings[\\/]index)\.js$/}, async ({path}) => {
        const original = relative(join(projectRoot, 'node_modules'), path).split(sep).join('/')
        const shim = shims.find(candidate => 'packageFile' in candidate && candidate.packageFile === original)
        if (shim === undefined || !('packageFile' in shim)) return undefined
        met.add(shim.file)
        return replaceFile(path, shim)
      })
      onEnd(() => ({
        errors: shims
          .filter(({file}) => !met.has(file))
          .map(({file}) => ({text: `nothing asks any more for what deploy/bundle/shims/${file} replaces: remove it`})),
      }))
    },
  }
}

async function replaceFile(
  path: string,
  {file, packageFile, expects}: Extract<Shim, {packageFile: string}>,
): Promise<OnLoadResult> {
  const original = await readFile(path, 'utf8')
  const missing = expects.filter(part => !original.includes(part))
  if (missing.length > 0) {
    return {
      errors: [{text: `${packageFile} has changed (no ${missing.join(', no ')}): check deploy/bundle/shims/${file}`}],
    }
  }
  // What it requires is beside the original.
  return {contents: await readFile(join(folder, file), 'utf8'), loader: 'js', resolveDir: dirname(path)}
}
