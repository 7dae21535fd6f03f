/** A command as README shows it, with what it must print. */
export type ConsoleStep = {
  /** README's line that the command stands in. */
  readonly line: number
  readonly command: string
  readonly exitCode: number
  /** Excerpts of what it prints, in their order. */
  readonly excerpts: readonly string[]
  /** Whether Ctrl-C ends the sandbox in the first terminal before. */
  readonly endsSandbox: boolean
}

/** Reads the `console` blocks of one section, command by command. @throws Error for a line that belongs to no command. */
export function parseConsoleSession(markdown: string, heading: string): ConsoleStep[] {
  const lines = markdown.split('\n')
  const start = lines.indexOf(`## ${heading}`)
  if (start < 0) throw new Error(`README has no section ${heading}`)
  const length = lines.slice(start + 1).findIndex(line => line.startsWith('## '))
  const steps: (ConsoleStep & {excerpts: string[]})[] = []
  let isConsole = false
  let endsSandbox = false
  for (const [index, line] of lines.slice(start, length < 0 ? undefined : start + 1 + length).entries()) {
    if (line.startsWith('```')) {
      isConsole = line === '```console'
    } else if (isConsole && line === '^C') {
      endsSandbox = true
    } else if (isConsole && line.startsWith('$ ')) {
      const exitCode = Number(/ # exit (\d+)$/.exec(line)?.[1] ?? 0)
      steps.push({line: start + index + 1, command: line.slice(2), exitCode, excerpts: [], endsSandbox})
      endsSandbox = false
    } else if (isConsole && line !== '') {
      const step = steps.at(-1)
      if (step === undefined) throw new Error(`README line ${start + index + 1} stands before every command`)
      step.excerpts.push(line)
    }
  }
  return steps
}

/** What differs from night to night and is typed again later: run ids, message ids, addresses. */
const named = /(?<![0-9A-Z])[0-9A-HJKMNP-TV-Z]{26}(?![0-9A-Z])|(?<!\d)\d{16}(?!\d)|127\.0\.0\.1:\d+/g
/** What only differs: moments, durations. */
const passing = /\d{4}-\d\d-\d\dT[\d:.]+Z|\b\d\d:\d\d:\d\d\b|\b\d+\.\d s\b/g

/** What README's ids and addresses stand for in this night. */
export type Names = Map<string, string>

/** A command with this night's ids and addresses for README's. */
export function withNames(command: string, names: Names): string {
  return command.replace(named, name => names.get(name) ?? name)
}

/**
 * Finds README's excerpts in what was printed, each in a line below the one before. An id or address that README showed
 * before must be the one that it stood for then; a new one is noted in `names`, if all excerpts are found.
 *
 * @returns the excerpt that isn't there, or undefined.
 */
export function findMissing(excerpts: readonly string[], printed: string, names: Names): string | undefined {
  const lines = printed.split('\n')
  const found: Names = new Map(names)
  let from = 0
  for (const excerpt of excerpts) {
    const at = lines.findIndex((line, index) => index >= from && matches(excerpt, line, found))
    if (at < 0) return excerpt
    from = at + 1
  }
  for (const [name, actual] of found) names.set(name, actual)
  return undefined
}

function matches(excerpt: string, line: string, names: Names): boolean {
  const fresh: string[] = []
  const pattern = excerpt
    .split(new RegExp(`(${named.source}|${passing.source}|…| +)`))
    .map((text, index) => (index % 2 === 0 ? RegExp.escape(text) : toPattern(text, names, fresh)))
    .join('')
  const groups = new RegExp(`^${pattern}\\s*$`).exec(line)
  if (groups === null) return false
  for (const [index, name] of fresh.entries()) names.set(name, groups[index + 1] ?? '')
  return true
}

function toPattern(text: string, names: Names, fresh: string[]): string {
  if (text === '…') return '.*'
  if (text.trim() === '') return ' +'
  if (text.match(passing)?.[0] === text) return String.raw`\S+(?: s)?`
  const known = names.get(text)
  if (known !== undefined) return RegExp.escape(known)
  // Twice in one line: the same both times.
  if (fresh.includes(text)) return `\\${fresh.indexOf(text) + 1}`
  fresh.push(text)
  return text.includes(':') ? String.raw`(127\.0\.0\.1:\d+)` : '([0-9A-Z]+)'
}
