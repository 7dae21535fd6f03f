import {hash} from 'node:crypto'
import {existsSync, readdirSync, statSync, utimesSync} from 'node:fs'
import {enableCompileCache} from 'node:module'
import {join} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'

/*
 * Starts a command: `node deploy/start.mjs list local`. An operator waits for every command, and hundreds of small
 * TypeScript files take a second to load: the commands are bundled once for each state of the sources, and V8 keeps what
 * it compiled. Plain JavaScript, since all of this would be lost on stripping types first.
 */
const root = fileURLToPath(new URL('../', import.meta.url))
const cache = join(root, 'node_modules/.cache/commands')

/** Of everything that the commands are made of: names, sizes and times of change. */
function sourceState() {
  const sourcesIn = folder =>
    readdirSync(root + folder, {withFileTypes: true}).flatMap(entry => {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) return sourcesIn(path)
      return path.endsWith('.ts') ? [path] : []
    })
  const sources = ['deploy', 'functions', 'lib'].flatMap(sourcesIn)
  const lines = [...sources.sort(), 'package.json', 'package-lock.json'].map(path => {
    const {size, mtimeMs} = statSync(root + path)
    return `${path} ${size} ${mtimeMs}`
  })
  return hash('sha256', [process.version, ...lines].join('\n')).slice(0, 16)
}

const [name] = process.argv.splice(2, 1)
const folder = join(cache, sourceState())
enableCompileCache(`${folder}-compiled`)
let isPrepared = existsSync(folder)
if (!isPrepared) {
  try {
    const {prepareCommands} = await import('./bundle/prepare-commands.ts')
    await prepareCommands(folder)
    isPrepared = true
  } catch {
    // A folder that can't be written, or a mistake in a source file: running the sources says what is wrong, or works.
  }
}
try {
  // When it was last used: what is not used any more is removed one day.
  utimesSync(folder, new Date(), new Date())
} catch {}
await import(isPrepared ? pathToFileURL(join(folder, `${name}.mjs`)).href : `./commands/${name}.ts`)
