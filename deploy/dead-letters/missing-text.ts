import {jobOfRunId} from '../../lib/job/run-id.ts'

/** What is said of dead letters that were there, and are not any more. */
export function missingText(ids: readonly string[]): string {
  return `no dead letter ${ids.join(', ')}: it was replayed or discarded already, or another command holds it (then it is back within a minute)`
}

/** What is said of ids that somebody typed, and that no dead letter has. */
export function unknownIdsText(ids: readonly string[], env: string): string {
  const runIds = ids.filter(id => jobOfRunId(id) !== undefined)
  const others = ids.filter(id => !runIds.includes(id))
  return [
    ...runIds.map(id => `${id} is a run's id, its dead letters are: npm run dead-letters -- ${env} --run ${id}`),
    ...(others.length === 0 ? [] : [`${missingText(others)}, or the id is mistyped: npm run dead-letters -- ${env}`]),
  ].join('\n')
}
