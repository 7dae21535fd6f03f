/** A count with its noun, and what follows it: `1 organization`, `2 organizations`, `1 row has`, `2 rows have`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
