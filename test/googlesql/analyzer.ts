import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {credentials, makeGenericClientConstructor, type ServiceDefinition} from '@grpc/grpc-js'
import {type AnyDefinition, loadSync} from '@grpc/proto-loader'
import * as z from 'zod'
import type {KnownTable} from '../support/known-tables.ts'
import type {InstalledAnalyzer} from './install-analyzer.ts'

export type Analyzer = {
  /** @returns what is wrong with a statement, in GoogleSQL's words; undefined if nothing is. */
  readonly check: (
    sql: string,
    parameters: readonly {readonly name: string; readonly type: string}[],
  ) => Promise<string | undefined>
  readonly stop: () => Promise<void>
}

const service = 'zetasql.local_service.ZetaSqlLocalService'
const errorSchema = z.object({code: z.number(), details: z.string()})
/** gRPC's INVALID_ARGUMENT: the statement is wrong. Anything else is wrong with the analyzer. */
const invalidArgument = 3
const languageSchema = z.looseObject({
  enabledLanguageFeatures: z.array(z.string()),
  reservedKeywords: z.array(z.string()),
})

/** Starts Google's analyzer on a socket of its own, with the tables that the project knows. */
export async function startAnalyzer(
  {server, protos}: InstalledAnalyzer,
  projectId: string,
  tables: readonly KnownTable[],
): Promise<Analyzer> {
  const folder = await mkdtemp(join(tmpdir(), 'googlesql-'))
  // The server puts a colon between its two arguments, and takes the result for an address.
  const child = spawn(server, [`unix:${folder}/socket`, '1'], {stdio: 'ignore'})
  const exited = once(child, 'exit')
  const definition = loadSync('local_service.proto', {
    defaults: true,
    oneofs: true,
    enums: String,
    longs: String,
    includeDirs: [protos],
  })
  const methods = definition[service]
  if (!isService(methods)) throw new Error(`the package has no ${service}`)
  const Client = makeGenericClientConstructor(methods, service)
  const client = new Client(`unix:${folder}/socket:1`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': 64 * 1024 * 1024,
  })
  await new Promise<void>((resolve, reject) => {
    client.waitForReady(Date.now() + 30_000, error => (error == null ? resolve() : reject(error)))
  })
  const call = (method: string, request: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      const invoke = client[method]
      if (typeof invoke !== 'function') return reject(new Error(`the analyzer has no ${method}`))
      invoke.call(client, request, (error: unknown, response: unknown) =>
        error === null ? resolve(response) : reject(error),
      )
    })

  const language = languageSchema.parse(await call('GetLanguageOptions', {maximumFeatures: true}))
  const languageOptions = {
    ...language,
    productMode: 'PRODUCT_EXTERNAL',
    supportedStatementKinds: ['RESOLVED_QUERY_STMT', 'RESOLVED_INSERT_STMT', 'RESOLVED_DELETE_STMT'],
  }
  const simpleCatalog = toCatalog(projectId, tables, languageOptions)
  return {
    async check(sql, parameters) {
      const queryParameters = parameters.map(({name, type}) => ({name: name.toLowerCase(), type: toType(type)}))
      const options = {
        languageOptions,
        queryParameters,
        parameterMode: 'PARAMETER_NAMED',
        errorMessageMode: 'ERROR_MESSAGE_ONE_LINE',
        defaultTimezone: 'UTC',
      }
      try {
        await call('Analyze', {simpleCatalog, sqlStatement: sql, options})
        return undefined
      } catch (error) {
        const {code, details} = errorSchema.parse(error)
        if (code !== invalidArgument) throw error
        // BigQuery's API writes the place without the analyzer's bracket.
        return details.replace(/ \[at (\d+:\d+)\]/, ' at [$1]')
      }
    },
    async stop() {
      client.close()
      child.kill()
      await exited
      await rm(folder, {recursive: true})
    },
  }
}

function isService(definition: AnyDefinition | ServiceDefinition | undefined): definition is ServiceDefinition {
  return definition !== undefined && 'Analyze' in definition
}

/** A table is found by its whole path between backticks, and part by part. */
function toCatalog(projectId: string, tables: readonly KnownTable[], languageOptions: unknown) {
  const datasets = [...new Set(tables.map(({dataset}) => dataset))].map(dataset => ({
    name: dataset,
    table: tables.filter(table => table.dataset === dataset).map(table => toTable(table, table.table)),
  }))
  return {
    name: 'project',
    builtinFunctionOptions: {languageOptions},
    catalog: datasets,
    table: tables.flatMap(table => {
      const path = `${table.dataset}.${table.table}`
      return [toTable(table, path), toTable(table, `${projectId}.${path}`)]
    }),
  }
}

function toTable({metadata}: KnownTable, name: string) {
  const column = metadata.schema.fields.map(field => ({
    name: field.name,
    type: toType(field.mode === 'REPEATED' ? `ARRAY<${field.type}>` : field.type),
    isWritableColumn: true,
  }))
  return {name, column}
}

function toType(type: string): Record<string, unknown> {
  const element = /^ARRAY<(\w+)>$/.exec(type)?.[1]
  if (element !== undefined) return {typeKind: 'TYPE_ARRAY', arrayType: {elementType: toType(element)}}
  return {typeKind: `TYPE_${type === 'FLOAT64' ? 'DOUBLE' : type}`}
}
