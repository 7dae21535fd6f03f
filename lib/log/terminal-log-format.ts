import {styleText} from 'node:util'
import winston from 'winston'
import {toPrintable} from './printable.ts'

const marks: Readonly<Record<string, {text: string; style: 'red' | 'yellow' | 'cyan' | 'gray'}>> = {
  error: {text: 'error', style: 'red'},
  warn: {text: 'warn ', style: 'yellow'},
  info: {text: 'info ', style: 'cyan'},
  debug: {text: 'debug', style: 'gray'},
}

/** Lines for a person who runs the sandbox: time, level, job, message, and what belongs to it in grey. */
export function createTerminalFormat(): winston.Logform.Format {
  return winston.format.printf(({level, message, labels, stack, '@type': _type, ...data}) => {
    const time = styleText('gray', new Date().toISOString().slice(11, 23))
    const mark = marks[level] ?? {text: level, style: 'gray'}
    const {job = '', attempt} = {...(labels as {job?: string; attempt?: string} | undefined)}
    const where = styleText('bold', attempt === undefined ? job : `${job} #${attempt}`)
    delete data['logging.googleapis.com/trace']
    const rest = Object.entries(data).map(
      ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    const line = `${time} ${styleText(mark.style, mark.text)} ${where} ${toPrintable(String(message))}`
    const tail = rest.length === 0 ? '' : ` ${styleText('gray', toPrintable(rest.join(' ')))}`
    return `${line}${tail}${stack === undefined ? '' : `\n${styleText('gray', String(stack))}`}`
  })
}
