import * as z from 'zod'
import {formatDuration, protoDuration, toMilliseconds} from './proto-duration.ts'
import type {ProtoField, ProtoSchema} from './proto-schema.ts'

const object = z.record(z.string(), z.unknown())

/**
 * Writes a message, in the form that the protobuf loader takes for gRPC, as proto3 JSON: durations and times as text,
 * bytes as base64, long integers as strings, and fields at their default left out, as Google does.
 */
export function createProtoJsonWriter(schema: ProtoSchema) {
  function writeMessage(message: string, value: unknown): Record<string, unknown> {
    const fields = schema.fieldsOf(message) ?? {}
    const json: Record<string, unknown> = {}
    for (const [name, fieldValue] of Object.entries(object.parse(value))) {
      const field = fields[name]
      if (field !== undefined && !isDefault(fieldValue)) json[name] = writeField(message, field, fieldValue)
    }
    return json
  }

  function writeField(message: string, field: ProtoField, value: unknown): unknown {
    const type = schema.resolve(message, field.type)
    if (Array.isArray(value)) return value.map(item => writeValue(type, item))
    if (field.keyType === undefined) return writeValue(type, value)
    return Object.fromEntries(Object.entries(object.parse(value)).map(([key, item]) => [key, writeValue(type, item)]))
  }

  function writeValue(type: string, value: unknown): unknown {
    if (Buffer.isBuffer(value)) return value.toString('base64')
    if (type === 'int64') return String(value)
    if (type === 'google.protobuf.Duration') return formatDuration(protoDuration.parse(value))
    if (type === 'google.protobuf.Timestamp') return new Date(toMilliseconds(protoDuration.parse(value))).toISOString()
    return schema.fieldsOf(type) === undefined ? value : writeMessage(type, value)
  }

  return writeMessage
}

/** An empty message is no default: that it is there says something, as in `pushConfig: {}`. */
function isDefault(value: unknown): boolean {
  return (
    value === undefined ||
    value === '' ||
    value === 0 ||
    value === false ||
    (Array.isArray(value) && value.length === 0)
  )
}
