import {styleText} from 'node:util'
import winston from 'winston'
import {toPrintable} from './printable.ts'

const levelStyles: Readonly<Record<string, 'red' | 'yellow' | 'cyan' | 'gray'>> = {
  error: 'red',
  warn: 'yellow',
  info: 'cyan',
  debug: 'gray',
}

/**
 * Lines for a person who runs the sandbox: time, level, run, message, and what belongs to it in gray. The sandbox finds a
 * run's lines by the id at this place (deploy/local/log-line.ts).
 */
export function createTerminalFormat(): winston.Logform.Format {
  return winston.format.printf(({level, message, labels, stack, '@type': _type, ...data}) => {
    const time = styleText('gray', new Date().toISOString().slice(11, 23))
    const padding = ' '.repeat(Math.max(0, 5 - level.length))
    const {job = '', runId = job, attempt} = {...(labels as Readonly<Record<string, string>> | undefined)}
    const where = styleText('bold', attempt === undefined ? runId : `${runId} #${attempt}`)
    delete data['logging.googleapis.com/trace']
    const rest = Object.entries(data).map(
      ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    const line = `${time} ${styleText(levelStyles[level] ?? 'gray', level)}${padding} ${where} ${toPrintable(String(message))}`
    const tail = rest.length === 0 ? '' : ` ${styleText('gray', toPrintable(rest.join(' ')))}`
    return `${line}${tail}${stack === undefined ? '' : `\n${styleText('gray', String(stack))}`}`
  })
}
