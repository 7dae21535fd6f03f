import * as z from 'zod'
import {readDuration} from './proto-duration.ts'
import type {ProtoField, ProtoSchema} from './proto-schema.ts'
import {StatusError} from './status-error.ts'
import {toCamelCase} from './update-mask.ts'

const jsonObject = z.record(z.string(), z.unknown())
const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/

/**
 * Reads proto3 JSON into the form that the protobuf loader gives for gRPC, so that everything behind sees no difference.
 * https://protobuf.dev/programming-guides/json
 *
 * @param message the message's full name.
 * @returns a function from a parsed JSON value to the message. It throws StatusError INVALID_ARGUMENT, in Google's
 * words, for unknown names and values of the wrong type.
 */
export function createProtoJsonReader(schema: ProtoSchema) {
  function readMessage(message: string, json: unknown, path: string): Record<string, unknown> {
    const parsed = jsonObject.safeParse(json)
    if (!parsed.success) throw invalid(path, message, json)
    const fields = schema.fieldsOf(message) ?? {}
    const result: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(parsed.data)) {
      const name = key in fields ? key : toCamelCase(key)
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined
      if (field === undefined) throw unknownName(key, path)
      if (value !== null) result[name] = readField(message, field, value, path === '' ? key : `${path}.${key}`)
    }
    return result
  }

  function readField(message: string, field: ProtoField, json: unknown, path: string): unknown {
    const type = schema.resolve(message, field.type)
    if (field.keyType !== undefined) {
      const entries = jsonObject.safeParse(json)
      if (!entries.success) throw invalid(path, 'map', json)
      return Object.fromEntries(
        Object.entries(entries.data).map(([key, value]) => [key, readValue(type, value, `${path}.${key}`)]),
      )
    }
    if (field.rule !== 'repeated') return readValue(type, json, path)
    if (!Array.isArray(json)) throw invalid(path, 'repeated', json)
    return json.map((value: unknown, index) => readValue(type, value, `${path}[${index}]`))
  }

  function readValue(type: string, json: unknown, path: string): unknown {
    const read = scalars[type]
    if (read !== undefined) return read(json) ?? fail(path, type, json)
    if (schema.isEnum(type)) return typeof json === 'string' || typeof json === 'number' ? json : fail(path, type, json)
    if (type === 'google.protobuf.Struct') return json
    return readMessage(type, json, path)
  }

  return (message: string, json: unknown) => readMessage(message, json, '')
}

/** By type; undefined is "not one of these". */
const scalars: Readonly<Record<string, (json: unknown) => unknown>> = {
  string: json => (typeof json === 'string' ? json : undefined),
  bool: json => (typeof json === 'boolean' ? json : undefined),
  int32: readInteger,
  // Longer ones are strings in JSON, and numbers here: nothing in this protocol needs more than 53 bits.
  int64: readInteger,
  bytes: json => (typeof json === 'string' && base64.test(json) ? Buffer.from(json, 'base64') : undefined),
  'google.protobuf.Duration': json => (typeof json === 'string' ? readDuration(json) : undefined),
  'google.protobuf.FieldMask': json => (typeof json === 'string' ? {paths: readPaths(json)} : undefined),
  'google.protobuf.Timestamp': json => (typeof json === 'string' ? readTimestamp(json) : undefined),
}

function readInteger(json: unknown): number | undefined {
  const value = typeof json === 'string' && json.trim() !== '' ? Number(json) : json
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined
}

function readPaths(json: string): string[] {
  const paths = json.split(',').filter(path => path !== '')
  return paths.map(path => path.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`))
}

function readTimestamp(json: string): {seconds: number; nanos: number} | undefined {
  const milliseconds = Date.parse(json)
  if (Number.isNaN(milliseconds)) return undefined
  const seconds = Math.floor(milliseconds / 1000)
  return {seconds, nanos: (milliseconds - seconds * 1000) * 1e6}
}

function fail(path: string, type: string, json: unknown): never {
  throw invalid(path, type, json)
}

function invalid(path: string, type: string, json: unknown): StatusError {
  const text = JSON.stringify(json) ?? 'undefined'
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text
  const problem = type === 'bytes' ? `Base64 decoding failed for ${shown}` : shown
  const typeName = type.includes('.') ? `type.googleapis.com/${type}` : `TYPE_${type.toUpperCase()}`
  return new StatusError('INVALID_ARGUMENT', `Invalid value at '${path}' (${typeName}), ${problem}`)
}

function unknownName(name: string, path: string): StatusError {
  const place = path === '' ? '' : ` at '${path}'`
  return new StatusError(
    'INVALID_ARGUMENT',
    `Invalid JSON payload received. Unknown name "${name}"${place}: Cannot find field.`,
  )
}
