import {glob, readFile} from 'node:fs/promises'
import {posix} from 'node:path'

/** Each source file, by its path below the root with slashes, and the files of this project that it imports. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

const specifier = /(?:\bfrom|\bimport\(|\bimport)\s*'(\.{1,2}\/[^']+)'/g

/** @param root ends with a slash. */
export async function readImportGraph(root: string): Promise<ImportGraph> {
  const graph = new Map<string, string[]>()
  for await (const name of glob('{deploy,functions,lib}/**/*.{ts,tsx,mjs}', {cwd: root})) {
    const path = name.replaceAll('\\', '/')
    const text = await readFile(root + path, 'utf8')
    const imports = [...text.matchAll(specifier)].map(([, given = '']) => posix.join(posix.dirname(path), given))
    graph.set(path, imports)
  }
  return graph
}
