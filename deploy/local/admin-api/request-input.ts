import * as z from 'zod'
import type {EmulatorRequest} from '../emulator/exchange.ts'
import {FrameworkRefusal} from './framework-refusal.ts'

type Problem = {readonly type: string; readonly loc: readonly (string | number)[]; readonly msg: string}

/** Where Pydantic's names differ from zod's. */
const TYPE_WORDS: Readonly<Record<string, [type: string, message: string]>> = {
  boolean: ['bool_type', 'Input should be a valid boolean'],
  array: ['list_type', 'Input should be a valid list'],
  object: ['model_attributes_type', 'Input should be a valid dictionary or object to extract fields from'],
}

/**
 * A request's JSON body. Stricter than the service, whose models have defaults and ignore unknown fields: what the
 * contract lists must be there, and nothing else.
 *
 * @throws FrameworkRefusal 422 in FastAPI's form.
 */
export function parseBody<T>(schema: z.ZodType<T>, request: EmulatorRequest): T {
  const isJson = (request.headers['content-type'] ?? 'application/json').includes('json')
  return parse(schema, isJson ? toJson(request.body) : request.body, 'body')
}

/** A request's query. Unknown parameters are ignored and the last of repeated ones counts, as in FastAPI. */
export function parseQuery<T>(schema: z.ZodType<T>, request: EmulatorRequest): T {
  return parse(schema, Object.fromEntries(request.url.searchParams), 'query')
}

export function parsePath<T>(schema: z.ZodType<T>, parameters: Readonly<Record<string, string>>): T {
  return parse(schema, parameters, 'path')
}

/** A whole number in a query, within limits. */
export function queryInteger(minimum: number, maximum: number): z.ZodType<number> {
  return parsed('int_parsing', 'a valid integer, unable to parse string as an integer', text =>
    /^[+-]?\d+$/.test(text) ? Number(text) : undefined,
  ).pipe(z.number().min(minimum).max(maximum))
}

/** A truth value in a query, with Pydantic's spellings. */
export function queryBoolean(): z.ZodType<boolean> {
  return parsed('bool_parsing', 'a valid boolean, unable to interpret input', text => {
    if (/^(true|1|yes|y|on|t)$/i.test(text)) return true
    return /^(false|0|no|n|off|f)$/i.test(text) ? false : undefined
  })
}

function parsed<T>(type: string, wanted: string, read: (text: string) => T | undefined) {
  return z.string().transform((text, context) => {
    const value = read(text)
    if (value !== undefined) return value
    context.addIssue({code: 'custom', message: `Input should be ${wanted}`, params: {type}})
    return z.NEVER
  })
}

function parse<T>(schema: z.ZodType<T>, input: unknown, where: string): T {
  if (input === undefined) throw new FrameworkRefusal(422, [{type: 'missing', loc: [where], msg: 'Field required'}])
  const result = schema.safeParse(input, {reportInput: true})
  if (result.success) return result.data
  throw new FrameworkRefusal(
    422,
    result.error.issues.flatMap(issue => toProblems(issue, where)),
  )
}

function toJson(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new FrameworkRefusal(422, [{type: 'json_invalid', loc: ['body', 0], msg: 'JSON decode error'}])
  }
}

/** One of zod's issues in Pydantic's words. */
function toProblems(issue: z.core.$ZodIssue, where: string): Problem[] {
  const loc = [where, ...issue.path.map(step => (typeof step === 'number' ? step : String(step)))]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => ({type: 'extra_forbidden', loc: [...loc, key], msg: 'Extra inputs are not permitted'}))
  }
  const [type, msg] = issue.input === undefined ? ['missing', 'Field required'] : wordsOf(issue)
  return [{type, loc, msg}]
}

function wordsOf(issue: z.core.$ZodIssue): [type: string, message: string] {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? [`${issue.expected}_type`, `Input should be a valid ${issue.expected}`]
    case 'invalid_value':
      return ['literal_error', `Input should be ${issue.values.map(value => `'${String(value)}'`).join(' or ')}`]
    case 'too_small':
      return issue.origin === 'string'
        ? ['string_too_short', `String should have at least ${issue.minimum} characters`]
        : ['greater_than_equal', `Input should be greater than or equal to ${issue.minimum}`]
    case 'too_big':
      return issue.origin === 'string'
        ? ['string_too_long', `String should have at most ${issue.maximum} characters`]
        : ['less_than_equal', `Input should be less than or equal to ${issue.maximum}`]
    case 'invalid_format':
      return ['string_pattern_mismatch', `String should match pattern '${issue.pattern ?? ''}'`]
    case 'custom':
      return [String(issue.params?.['type'] ?? 'value_error'), issue.message]
    default:
      return ['value_error', issue.message]
  }
}
