import {isUtf8} from 'node:buffer'
import type {Job} from '../../../lib/job/job.ts'
import {manualCheckOf} from '../../../lib/job/manual-check.ts'
import type {DeadLetter} from '../../dead-letters/dead-letter.ts'
import {deadLetterCommands, isDiscardFirst} from '../../runs/dead-letter-commands.ts'
import type {DeadLetterDetail, DeadLetterRow, PayloadField} from '../page/base/wire.ts'
import {jsonFields} from './json-fields.ts'

/** What one view shows of it; the command shows all. */
const maxText = 100_000
const maxValue = 5000

/** A dead letter with its message, held field by field against what its job accepts today. */
export function toDeadLetterDetail(
  row: DeadLetterRow,
  deadLetter: DeadLetter,
  {
    job,
    environment,
  }: {readonly job: Job | undefined; readonly environment: {readonly name: string; readonly projectId: string}},
): DeadLetterDetail {
  const {data, attributes} = deadLetter.original
  const payload = isUtf8(data) ? data.toString() : null
  return {
    ...row,
    text: payload === null ? null : cut(payload, maxText),
    base64: payload === null ? cut(data.toString('base64'), maxText) : '',
    attributes,
    fields: payload === null ? [] : toFields(payload, job),
    manualCheck: (job && manualCheckOf(job, environment.projectId)) ?? null,
    commands: commandsFor(row, environment.name),
  }
}

/** What is most likely right comes before the rest. */
function commandsFor({id, kind}: DeadLetterRow, env: string): string[] {
  const {show, discard, replay} = deadLetterCommands(env, id, kind)
  return isDiscardFirst(kind) ? [show, discard, replay] : [show, replay, discard]
}

/** Values keep the digits that were published: a number beyond 2^53 is shown as it was written. */
function toFields(text: string, job: Job | undefined): PayloadField[] {
  const written = jsonFields(text)
  if (written === undefined) return [{name: '', value: text.slice(0, 10_000), problem: 'it is not a JSON object'}]
  const parsed = job?.args.safeParse(JSON.parse(text))
  const problems = new Map(parsed?.error?.issues.map(({path, message}) => [String(path[0] ?? ''), message]))
  const missing = [...problems].filter(([name]) => name !== '' && !written.some(field => field.name === name))
  return [
    ...written.map(({name, value}) => ({
      name,
      value: cut(value, maxValue),
      problem:
        problems.get(name) ??
        (job !== undefined && !Object.hasOwn(job.args.shape, name) ? 'the job knows no such argument today' : null),
    })),
    ...missing.map(([name, problem]) => ({name, value: '', problem})),
  ]
}

function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  return `${text.slice(0, maxLength)} … ${(text.length - maxLength).toLocaleString('en-US')} more characters`
}
