import {execFileSync} from 'node:child_process'

/** Lines of a file, as Stryker takes them: `lib/run/slot.ts:10-12`. */
export type LineRange = `${string}:${number}-${number}`

/**
 * What changed in some files since this branch left its upstream, or in the last commit where it is at its upstream.
 *
 * @returns undefined where git can't tell: there is no history, as in a shallow clone of one commit.
 */
export function changedLines(root: string, files: readonly string[]): LineRange[] | undefined {
  const git = (...args: string[]) =>
    execFileSync('git', args, {cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']}).trim()
  try {
    const head = git('rev-parse', 'HEAD')
    const left = firstOf(['@{upstream}', 'origin/HEAD', 'origin/main'], name => git('merge-base', 'HEAD', name))
    const base = left === undefined || left === head ? git('rev-parse', 'HEAD~1') : left
    return parseDiff(git('diff', '--unified=0', '--no-color', '--no-ext-diff', base, '--', ...files))
  } catch {
    return undefined
  }
}

function firstOf(names: readonly string[], find: (name: string) => string): string | undefined {
  for (const name of names) {
    try {
      return find(name)
    } catch {}
  }
  return undefined
}

/** The new side of each hunk: `+++ b/<file>`, then `@@ -1,2 +3,4 @@`. */
function parseDiff(diff: string): LineRange[] {
  const ranges: LineRange[] = []
  let file = ''
  for (const line of diff.split('\n')) {
    file = /^\+\+\+ b\/(.*)$/.exec(line)?.[1] ?? file
    const [, first, count = '1'] = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line) ?? []
    if (first === undefined || count === '0') continue
    ranges.push(`${file}:${Number(first)}-${Number(first) + Number(count) - 1}`)
  }
  return ranges
}
