import {alignRows} from '../cli/align-rows.ts'
import {type PlannedRun, toMessage} from './publish-run.ts'

/** What a dry run shows: the message that would be published, and what the job would make of it. */
export type WouldPublish = {
  readonly topic: string
  readonly attributes: Readonly<Record<string, string>>
  /** Of the message: what was typed. */
  readonly data: Readonly<Record<string, unknown>>
  /** With the defaults of this checkout's job; the function fills in those of the release that runs. */
  readonly argsWithDefaults: Readonly<Record<string, unknown>>
}

export function toWouldPublish(planned: PlannedRun): WouldPublish {
  const {job, args} = planned
  const {attributes} = toMessage(planned)
  return {topic: job.topic, attributes, data: args, argsWithDefaults: job.args.parse(args)}
}

/** The same as lines for a person. */
export function describeWouldPublish(would: WouldPublish, columns: number | undefined): string {
  const {topic, attributes, data, argsWithDefaults} = would
  const rows = [
    ['topic', topic],
    ...Object.entries(attributes).map(([key, value], index) => [index === 0 ? 'attributes' : '', `${key}=${value}`]),
    ['data', JSON.stringify(data)],
    ['with defaults', JSON.stringify(argsWithDefaults)],
  ] as const
  const cells = rows.map(([name = '', text = '']) => [name, text] as const)
  return ['Would be published:', ...alignRows(cells, columns)].join('\n')
}
