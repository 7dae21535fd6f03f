import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import * as z from 'zod'

const field = z.object({type: z.string(), keyType: z.string().optional(), rule: z.string().optional()})
const method = z.object({
  requestType: z.string(),
  responseType: z.string(),
  options: z.record(z.string(), z.unknown()).default({}),
})
const definition = z.object({
  fields: z.record(z.string(), field).optional(),
  methods: z.record(z.string(), method).optional(),
  values: z.record(z.string(), z.number()).optional(),
  get nested() {
    return z.record(z.string(), definition).optional()
  },
})
const namespace = z.object({nested: z.record(z.string(), z.unknown())})

type Definition = z.infer<typeof definition>

export type ProtoField = z.infer<typeof field>
export type ProtoMethod = z.infer<typeof method>

/** google.pubsub.v1 as Google's client package ships it: the source for both gRPC and REST. */
export type ProtoSchema = {
  /** Services by short name. */
  readonly services: ReadonlyMap<string, Readonly<Record<string, ProtoMethod>>>
  /** A message's fields by its full name; undefined when there is no such message. */
  readonly fieldsOf: (message: string) => Readonly<Record<string, ProtoField>> | undefined
  readonly isEnum: (name: string) => boolean
  /** What a type's name means inside a message: names are relative, as in a .proto file. */
  readonly resolve: (message: string, type: string) => string
  /** Without what this server has no use for, which would be most of what loading costs. */
  readonly forLoader: object
}

const packageName = 'google.pubsub.v1'
const usedTypes = ['Duration', 'Empty', 'FieldMask', 'Struct', 'Value', 'ListValue', 'NullValue', 'Timestamp']

/** Reads the JSON form of the protos from the client package. */
export function loadProtoSchema(): ProtoSchema {
  const path = fileURLToPath(import.meta.resolve('@google-cloud/pubsub/build/protos/protos.json'))
  const google = descend(namespace.parse(JSON.parse(readFileSync(path, 'utf8'))), 'google')
  const types = descend(descend(google, 'pubsub'), 'v1').nested
  const wellKnown = descend(google, 'protobuf').nested
  const definitions = new Map<string, Definition>()
  const services = new Map<string, Readonly<Record<string, ProtoMethod>>>()

  function add(name: string, wire: unknown): void {
    const parsed = definition.parse(wire)
    definitions.set(name, parsed)
    for (const [child, nested] of Object.entries(parsed.nested ?? {})) add(`${name}.${child}`, nested)
  }

  for (const [name, wire] of Object.entries(types)) {
    add(`${packageName}.${name}`, wire)
    const {methods} = definitions.get(`${packageName}.${name}`) ?? {}
    if (methods !== undefined) services.set(name, methods)
  }

  return {
    services,
    fieldsOf: name => definitions.get(name)?.fields,
    isEnum: name => definitions.get(name)?.values !== undefined,
    resolve(message, type) {
      for (let scope = message; scope !== ''; scope = scope.slice(0, Math.max(0, scope.lastIndexOf('.')))) {
        if (definitions.has(`${scope}.${type}`)) return `${scope}.${type}`
      }
      return type
    },
    forLoader: {
      nested: {
        google: {
          nested: {
            protobuf: {nested: Object.fromEntries(usedTypes.map(name => [name, withoutOptions(wellKnown[name])]))},
            pubsub: {nested: {v1: {nested: withoutOptions(types)}}},
          },
        },
      },
    },
  }
}

function descend(parent: z.infer<typeof namespace>, name: string): z.infer<typeof namespace> {
  return namespace.parse(parent.nested[name])
}

function withoutOptions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOptions)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(
    ([key]) => key !== 'options' && key !== 'parsedOptions' && key !== 'comment',
  )
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutOptions(child)]))
}
