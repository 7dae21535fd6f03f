import winston from 'winston'
import {currentVersion} from '../environment/version.ts'
import {toMessageText, toStackText} from './error-text.ts'
import {toLogValue} from './log-value.ts'
import type {Redact} from './redact.ts'
import {createTerminalFormat} from './terminal-log-format.ts'

/** Values of a log line in addition to its text; flat, named, no secrets. */
export type LogData = Readonly<Record<string, unknown>>

export type Log = {
  readonly debug: (message: string, data?: LogData) => void
  readonly info: (message: string, data?: LogData) => void
  readonly warn: (message: string, data?: LogData) => void
  /** @param error shown with its stack and causes, in the form that Error Reporting groups by. */
  readonly error: (message: string, error?: unknown, data?: LogData) => void
  /** The same log with labels on every line: job, run, attempt. */
  readonly child: (labels: Readonly<Record<string, string>>, trace?: string) => Log
}

// Source: https://cloud.google.com/error-reporting/docs/formatting-error-messages
const errorEventType = 'type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent'

/**
 * The log of one process, on standard output.
 *
 * @param options.format `cloud`: one JSON object a line, as Cloud Logging reads it; `terminal`: lines for a person.
 * @param options.redact applied to every line, whatever put a secret there.
 */
export async function createLog(options: {
  readonly format: 'cloud' | 'terminal'
  readonly service: string
  readonly projectId: string
  readonly redact: Redact
  readonly level?: 'debug' | 'info'
}): Promise<Log> {
  const {service, projectId, redact} = options
  const redacted = winston.format(info => redact(info))()
  const transport =
    options.format === 'terminal'
      ? new winston.transports.Console({format: createTerminalFormat()})
      : (await import('./cloud-log-transport.ts')).createCloudLogTransport({
          service,
          version: currentVersion(),
          projectId,
        })
  const logger = winston.createLogger({level: options.level ?? 'info', format: redacted, transports: [transport]})
  return wrap(logger, {projectId, redact})
}

/** What every line has in addition to what each call gives. */
type LineOptions = {
  readonly projectId: string
  readonly redact: Redact
  readonly labels?: Readonly<Record<string, string>>
  readonly trace?: string | undefined
}

function wrap(logger: winston.Logger, options: LineOptions): Log {
  const {projectId, redact, labels = {}, trace} = options
  const common = {
    ...(Object.keys(labels).length === 0 ? {} : {labels}),
    ...(trace === undefined ? {} : {'logging.googleapis.com/trace': trace}),
  }
  const write = (level: string, message: string, data: LogData) => {
    // winston formats first and looks at the level last: every request has a line below the level.
    if (!logger.isLevelEnabled(level)) return
    try {
      // As one object: given apart, a message with a `%d` in it would lose what belongs to it (winston formats).
      logger.log({...Object(toLogValue(data)), ...common, level, message})
    } catch (error) {
      // A line is never lost, and logging never ends the work that it logs.
      const severity = level === 'warn' ? 'WARNING' : level.toUpperCase()
      const line = {severity, message: `${message} (not logged whole: ${toMessageText(error)})`}
      process.stdout.write(`${JSON.stringify(redact(line))}\n`)
    }
  }
  return {
    debug: (message, data = {}) => write('debug', message, data),
    info: (message, data = {}) => write('info', message, data),
    warn: (message, data = {}) => write('warn', message, data),
    error(message, error, data = {}) {
      const stack = error === undefined ? {} : {stack: toStackText(error), '@type': errorEventType}
      write('error', message, {...data, ...stack})
    },
    child: (more, traceparent) =>
      wrap(logger, {...options, labels: {...labels, ...more}, trace: toTrace(projectId, traceparent) ?? trace}),
  }
}

/** Cloud Logging's name of a W3C trace: `projects/<id>/traces/<32 hex digits>`. */
function toTrace(projectId: string, traceparent: string | undefined): string | undefined {
  const traceId = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(traceparent ?? '')?.[1]
  return traceId === undefined ? undefined : `projects/${projectId}/traces/${traceId}`
}
