// `<time> <level> <job>@<id> #<attempt> <message>`, as lib/log/terminal-log-format.ts writes it, styled or not.
const runIdInLine = /^(\S*\d\d:\d\d:\d\d\.\d{3}\S* \S+ +\S*?[a-z][a-z0-9-]*)@[0-9A-Za-z][0-9A-Za-z:.-]*/
const datedLine = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3} \S+ +(\S+).*)$/

/** A function's line without the id of its run, which would take a third of a terminal's width. */
export function withoutRunId(line: string): string {
  return line.replace(runIdInLine, '$1')
}

/**
 * Picks the lines of one run from those of a log file. A line that doesn't begin with a time, such as one of a stack,
 * belongs to the line above it.
 */
export function linesOfRun(lines: readonly string[], runId: string): string[] {
  let isOwn = false
  return lines.flatMap(line => {
    const [, date, text, where] = datedLine.exec(line) ?? []
    if (date !== undefined) isOwn = where === runId
    if (!isOwn) return []
    return [text === undefined ? line : `${date} ${withoutRunId(text)}`]
  })
}
