import type {CommandIo} from '../cli/command-io.ts'
import type {ExitCode} from '../cli/exit-codes.ts'
import {type Session, withSession} from '../environment/session.ts'
import {withJobName} from './dead-letter-filter.ts'
import {type DeadLettersOptions, parseDeadLettersOptions} from './dead-letters-options.ts'
import {discard} from './discard.ts'
import {list} from './list-dead-letters.ts'
import {show} from './show-dead-letter.ts'

/** `npm run dead-letters`: shows what was dead-lettered, and discards it where an operator says so. */
export function runDeadLetters(argv: readonly string[], io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  const act = (session: Session, options: DeadLettersOptions) => {
    if (options.verb === 'show') return show(session, options)
    return options.verb === 'list' ? list(session, options) : discard(session, options)
  }
  return withSession(
    argv,
    {io, signal},
    {
      parse: parseDeadLettersOptions,
      resolve: (options, jobs) => (options.verb === 'show' ? options : withJobName(options, jobs)),
      act,
    },
  )
}
