import {styleText} from 'node:util'

/** Says how to open the console's view of what a command has printed. @param path `/runs/bootstrap@1` */
export function browserHint(env: string, path: string, columns: number | undefined): string {
  const [title, command] = ['In the browser:', `npm run console -- ${env} --open '${path}'`]
  // A command that is broken up can't be copied.
  const isNarrow = columns !== undefined && title.length + 1 + command.length > columns
  return styleText('gray', `${title}${isNarrow ? '\n  ' : ' '}${command}`)
}
