import {readFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'
import {checkImports, checkSizes} from './check-imports.ts'
import {readImportGraph} from './import-graph.ts'

/* Part of `npm run check`: imports run downwards, no circles, and no file or folder grows too large. */
const root = fileURLToPath(new URL('../../', import.meta.url))
const graph = await readImportGraph(root)
const sizes = new Map<string, number>()
for (const path of graph.keys()) sizes.set(path, (await readFile(root + path, 'utf8')).split('\n').length - 1)
const faults = [...checkImports(graph), ...checkSizes(sizes)]
if (faults.length > 0) {
  process.stderr.write(`${faults.join('\n')}\n`)
  process.exitCode = 1
}
