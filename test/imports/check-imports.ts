import {posix} from 'node:path'
import type {ImportGraph} from './import-graph.ts'

/**
 * Floors, from the top down: a folder imports from its own floor or from one below it, never from one above.
 * `.github/ARCHITECTURE.md` draws them.
 */
const buildings: Readonly<Record<string, readonly (readonly string[])[]>> = {
  deploy: [
    ['commands'],
    ['console', 'doctor', 'list', 'migrations', 'new', 'release'],
    ['publish', 'dead-letters', 'catch-up'],
    ['runs'],
    ['schedules'],
    ['environment'],
    ['cloud'],
    ['bundle'],
    ['local'],
    ['catalogue'],
    ['cli'],
  ],
  'deploy/cloud': [['plan'], ['manifest'], ['resources'], ['gcloud', 'names']],
  'deploy/local': [
    ['admin-api', 'bigquery', 'supabase', 'pubsub'],
    ['emulator', 'folder'],
  ],
  'deploy/local/pubsub': [['server'], ['delivery'], ['state'], ['filter'], ['wire']],
}

const maxLines = 300
const maxFiles = 25

/** What breaks the rules of the house, one line each; an empty list is what `npm run check` wants. */
export function checkImports(graph: ImportGraph): string[] {
  const edges = [...graph].flatMap(([from, imports]) => imports.map(to => ({from, to})))
  return [
    ...edges.filter(({from, to}) => isForbidden(from, to)).map(({from, to}) => `${from} must not import ${to}`),
    ...edges.flatMap(({from, to}) => climbs(from, to)),
    ...findCircles(toFolderGraph(edges)).map(circle => `folders import each other in a circle: ${circle.join(' → ')}`),
  ]
}

/** @param files path and number of lines of each source file. */
export function checkSizes(files: ReadonlyMap<string, number>): string[] {
  const folders = Map.groupBy(files.keys(), path => posix.dirname(path))
  return [
    ...[...files].filter(([, lines]) => lines > maxLines).map(([path, lines]) => `${path} has ${lines} lines`),
    ...[...folders]
      .filter(([folder, paths]) => /^(lib|deploy)\b/.test(folder) && paths.length > maxFiles)
      .map(([folder, paths]) => `${folder}/ has ${paths.length} files`),
  ]
}

function isForbidden(from: string, to: string): boolean {
  if (from.startsWith('lib/')) return to.startsWith('functions/') || to.startsWith('deploy/')
  return from.startsWith('functions/') && !to.startsWith('lib/')
}

function climbs(from: string, to: string): string[] {
  return Object.entries(buildings).flatMap(([building, floors]) => {
    const floorOf = (path: string) => {
      if (!path.startsWith(`${building}/`)) return undefined
      const [room = '', ...rest] = path.slice(building.length + 1).split('/')
      // A building's own files are its top floor: they put the rooms together.
      return rest.length === 0 ? -1 : floors.findIndex(rooms => rooms.includes(room))
    }
    const [above, below] = [floorOf(from), floorOf(to)]
    if (above === undefined || below === undefined || above <= below) return []
    return [`${from} imports ${to}, which is on a higher floor of ${building}/`]
  })
}

function toFolderGraph(edges: readonly {from: string; to: string}[]): ReadonlyMap<string, ReadonlySet<string>> {
  const folders = new Map<string, Set<string>>()
  for (const {from, to} of edges) {
    const [a, b] = [posix.dirname(from), posix.dirname(to)]
    if (a !== b) folders.set(a, (folders.get(a) ?? new Set()).add(b))
  }
  return folders
}

/** One circle for each folder that first closes one, by depth-first search. */
function findCircles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const circles: string[][] = []
  const finished = new Set<string>()
  const visit = (folder: string, path: readonly string[]) => {
    const start = path.indexOf(folder)
    if (start >= 0) return void circles.push([...path.slice(start), folder])
    if (finished.has(folder)) return
    for (const next of graph.get(folder) ?? []) visit(next, [...path, folder])
    finished.add(folder)
  }
  for (const folder of graph.keys()) visit(folder, [])
  return circles
}
