import {hash} from 'node:crypto'
import {accessSync, constants, readdirSync, statSync, utimesSync} from 'node:fs'
import {enableCompileCache} from 'node:module'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'

/*
 * Starts a command: `node deploy/start.mjs list local`. An operator waits for every command, and hundreds of small
 * TypeScript files take a second to load: the commands are bundled once for each state of the sources, and V8 keeps what
 * it compiled. Plain JavaScript, since all of this would be lost on stripping types first.
 */
const root = join(import.meta.dirname, '..')
const cache = join(root, 'node_modules/.cache/commands')

/**
 * Of everything that goes into the bundle: this Node, the folder (the bundle knows its paths), and names, sizes and times
 * of change of the sources and of what is installed.
 */
function stateOf() {
  const filesIn = folder =>
    readdirSync(join(root, folder), {withFileTypes: true}).flatMap(entry => {
      const path = `${folder}/${entry.name}`
      return entry.isDirectory() ? filesIn(path) : [path]
    })
  const files = ['deploy', 'functions', 'lib'].flatMap(filesIn).sort()
  const lines = [...files, 'package.json', 'package-lock.json', 'node_modules/.package-lock.json'].map(path => {
    const {size, mtimeMs} = statSync(join(root, path), {throwIfNoEntry: false}) ?? {}
    return JSON.stringify([path, size, mtimeMs])
  })
  return hash('sha256', [process.version, root, ...lines].join('\n')).slice(0, 16)
}

const [name = ''] = process.argv.splice(2, 1)
const folder = join(cache, stateOf())
const prepared = join(folder, `${name}.mjs`)

function isReadable() {
  try {
    accessSync(prepared, constants.R_OK)
    return true
  } catch {
    return false
  }
}

async function prepare() {
  const stopWaiting = showWaiting()
  let reason
  try {
    const {prepareCommands} = await import('./bundle/prepare-commands.ts')
    await prepareCommands(folder)
    if (!isReadable()) throw new Error(`${prepared} can't be read: who made it?`)
  } catch (error) {
    ;[reason] = String(error instanceof Error ? error.message : error).split('\n')
  }
  stopWaiting()
  // A cache that can't be written or read, or a mistake in a source file: running the sources works, or says what is
  // wrong in full.
  if (reason !== undefined) {
    process.stderr.write(`can't prepare the commands, so the sources run, which takes longer: ${reason}\n`)
  }
}

/** Says from half a second on what the command waits for: on a terminal with the seconds, elsewhere once. */
function showWaiting() {
  const {stderr} = process
  const text = 'preparing the commands, once for this state of the sources'
  let ticks = 0
  const ticking = setInterval(() => {
    ticks += 1
    // Cut: a line that wraps can't be rewritten.
    if (stderr.isTTY) stderr.write(`\r${`${text}, ${Math.floor(ticks / 2)} s`.slice(0, stderr.columns - 1)}`)
    else if (ticks === 1) stderr.write(`${text}\n`)
  }, 500)
  return () => {
    clearInterval(ticking)
    if (stderr.isTTY && ticks > 0) stderr.write('\r\u001b[K')
  }
}

// esbuild is a Go program, and a fifth of its time was its garbage collector's. Source: Go, "A Guide to the Go Garbage
// Collector", GOGC.
process.env.GOGC ??= '400'
enableCompileCache(`${folder}-compiled`)
if (!isReadable()) await prepare()
const isPrepared = isReadable()
try {
  // When it was last used: what is not used any more is removed one day.
  utimesSync(folder, new Date(), new Date())
} catch {}
await import(isPrepared ? pathToFileURL(prepared).href : `./commands/${name}.ts`)
