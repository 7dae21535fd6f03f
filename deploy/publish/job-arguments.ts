import * as z from 'zod'
import type {Job} from '../../lib/job/job.ts'
import {toLine} from '../../lib/log/issue-line.ts'
import {UsageError} from '../cli/usage-error.ts'

/**
 * `--arg key=value` pairs as arguments of a job. A value is what the job's schema takes it for: text, number, true or
 * false, or a list (by repeating the key, or with commas between).
 *
 * @throws UsageError that says which argument is wrong, and lists those that there are.
 */
export function parseJobArguments(job: Job, pairs: readonly string[]): Record<string, unknown> {
  const args = readJobArguments(job, pairs)
  const parsed = job.args.safeParse(args)
  // What is published is what was typed: defaults are the function's to fill in, in the release that runs.
  if (parsed.success) return args
  throw new UsageError(`${describeArguments(job)}\n\n${job.name}: ${toLine(parsed.error)}`)
}

/** The same before the job's schema has judged it. @throws UsageError for what is no pair, or is given too often. */
export function readJobArguments(job: Job, pairs: readonly string[]): Record<string, unknown> {
  const given = new Map<string, string[]>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1) throw new UsageError(`--arg ${JSON.stringify(pair)} has no value: write --arg key=value`)
    const key = pair.slice(0, at)
    given.set(key, [...(given.get(key) ?? []), pair.slice(at + 1)])
  }
  const args: Record<string, unknown> = Object.create(null)
  for (const [key, values] of given) {
    const schema = Object.hasOwn(job.args.shape, key) ? job.args.shape[key] : undefined
    args[key] = schema === undefined ? values.at(-1) : toValue(schema, key, values)
  }
  return {...args}
}

/** The arguments of a job, a line each, for `--help`. */
export function describeArguments(job: Job): string {
  // What no word on the command line can say is for the job itself.
  const entries = Object.entries(job.args.shape).filter(([, schema]) => !(unwrap(schema) instanceof z.ZodObject))
  if (entries.length === 0) return `${job.name} takes no arguments`
  const lines = entries.map(([key, schema]) => `  --arg ${key}=<${typeName(schema)}>  ${describe(schema)}`)
  return [`Arguments of ${job.name}:`, ...lines].join('\n')
}

function toValue(schema: unknown, key: string, values: readonly string[]): unknown {
  const inner = unwrap(schema)
  if (inner instanceof z.ZodArray) return values.flatMap(value => value.split(',')).filter(value => value !== '')
  if (values.length > 1) throw new UsageError(`--arg ${key} is given ${values.length} times, but takes one value`)
  const text = values[0] ?? ''
  if (inner instanceof z.ZodBoolean && (text === 'true' || text === 'false')) return text === 'true'
  if (inner instanceof z.ZodNumber && /^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  return text
}

/** The schema below `optional`, `default`, `nullable` and `preprocess`. */
export function unwrap(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable) {
    return unwrap(schema.unwrap())
  }
  if (schema instanceof z.ZodPipe && schema.in instanceof z.ZodTransform) return unwrap(schema.out)
  return schema
}

function typeName(schema: unknown): string {
  const inner = unwrap(schema)
  if (inner instanceof z.ZodBoolean) return 'true|false'
  if (inner instanceof z.ZodNumber) return 'number'
  if (inner instanceof z.ZodEnum) return inner.options.join('|')
  if (inner instanceof z.ZodArray) return `${typeName(inner.element)}, may be repeated`
  return 'text'
}

function describe(schema: unknown): string {
  const outer = schema instanceof z.ZodType ? schema.description : undefined
  const inner = unwrap(schema)
  return outer ?? (inner instanceof z.ZodType ? (inner.description ?? '') : '')
}
