import * as z from 'zod'
import type {Statement} from './parse-sql.ts'

export type StatementKind =
  | {readonly kind: 'plain'}
  | {readonly kind: 'begin'}
  | {readonly kind: 'end'; readonly isRollback: boolean; readonly isChained: boolean}
  /** PostgreSQL refuses it inside a transaction. */
  | {readonly kind: 'outside'; readonly words: string}
  /** Not for this way to the database. */
  | {readonly kind: 'unsupported'; readonly why: string}

const plain: StatementKind = {kind: 'plain'}
const flag = z.boolean().default(false)
const defElems = z
  .array(
    z.object({
      DefElem: z.object({
        defname: z.string(),
        arg: z.record(z.string(), z.object({sval: z.string().optional()}).loose()).optional(),
      }),
    }),
  )
  .default([])
const transactionSchema = z.object({kind: z.string(), chain: flag})
const copySchema = z.object({is_from: flag, is_program: flag, filename: z.string().default('')})
const vacuumSchema = z.object({is_vacuumcmd: flag})
const concurrentSchema = z.object({concurrent: flag})
const reindexSchema = z.object({kind: z.string(), params: defElems})
const clusterSchema = z.object({relation: z.unknown().optional()})
const optionsSchema = z.object({options: defElems})
const detachSchema = z.object({
  cmds: z
    .array(
      z.object({
        AlterTableCmd: z.object({
          subtype: z.string(),
          def: z.object({PartitionCmd: concurrentSchema.optional()}).optional().catch(undefined),
        }),
      }),
    )
    .catch([]),
})

const never: Readonly<Record<string, string>> = {
  CreatedbStmt: 'CREATE DATABASE',
  DropdbStmt: 'DROP DATABASE',
  CreateTableSpaceStmt: 'CREATE TABLESPACE',
  DropTableSpaceStmt: 'DROP TABLESPACE',
  AlterSystemStmt: 'ALTER SYSTEM',
}

/**
 * What a statement does to transactions. The list of those that can't run in one is PostgreSQL's own: the callers of
 * `PreventInTransactionBlock()` in its source, release 18.
 */
export function kindOf({node, body}: Statement): StatementKind {
  const words = never[node]
  if (words !== undefined) return {kind: 'outside', words}
  switch (node) {
    case 'TransactionStmt':
      return ofTransaction(transactionSchema.parse(body))
    case 'CopyStmt': {
      const {is_from, is_program, filename} = copySchema.parse(body)
      if (!is_from || is_program || filename !== '') return plain
      return {kind: 'unsupported', why: 'COPY … FROM STDIN gets no data here: write INSERT statements'}
    }
    case 'VacuumStmt':
      return vacuumSchema.parse(body).is_vacuumcmd ? {kind: 'outside', words: 'VACUUM'} : plain
    case 'IndexStmt':
      return concurrentSchema.parse(body).concurrent ? {kind: 'outside', words: 'CREATE INDEX CONCURRENTLY'} : plain
    case 'DropStmt':
      return concurrentSchema.parse(body).concurrent ? {kind: 'outside', words: 'DROP INDEX CONCURRENTLY'} : plain
    case 'ReindexStmt': {
      const {kind, params} = reindexSchema.parse(body)
      if (params.some(({DefElem}) => DefElem.defname === 'concurrently')) {
        return {kind: 'outside', words: 'REINDEX CONCURRENTLY'}
      }
      return /SCHEMA|SYSTEM|DATABASE/.test(kind) ? {kind: 'outside', words: 'REINDEX of a schema or database'} : plain
    }
    case 'ClusterStmt':
      return clusterSchema.parse(body).relation === undefined
        ? {kind: 'outside', words: 'CLUSTER without a table'}
        : plain
    case 'AlterDatabaseStmt':
      return optionsSchema.parse(body).options.some(({DefElem}) => DefElem.defname === 'tablespace')
        ? {kind: 'outside', words: 'ALTER DATABASE … SET TABLESPACE'}
        : plain
    case 'AlterTableStmt':
      return detachSchema
        .parse(body)
        .cmds.some(({AlterTableCmd}) => AlterTableCmd.def?.PartitionCmd?.concurrent === true)
        ? {kind: 'outside', words: 'DETACH PARTITION CONCURRENTLY'}
        : plain
    case 'CreateSubscriptionStmt': {
      const off = optionsSchema
        .parse(body)
        .options.some(({DefElem}) => DefElem.defname === 'create_slot' || DefElem.defname === 'connect')
      return off ? plain : {kind: 'outside', words: 'CREATE SUBSCRIPTION'}
    }
    case 'DiscardStmt':
      return body['target'] === 'DISCARD_ALL' ? {kind: 'outside', words: 'DISCARD ALL'} : plain
    default:
      return plain
  }
}

function ofTransaction({kind, chain}: z.infer<typeof transactionSchema>): StatementKind {
  switch (kind) {
    case 'TRANS_STMT_BEGIN':
    case 'TRANS_STMT_START':
      return {kind: 'begin'}
    case 'TRANS_STMT_COMMIT':
    case 'TRANS_STMT_ROLLBACK':
      return {kind: 'end', isRollback: kind === 'TRANS_STMT_ROLLBACK', isChained: chain}
    case 'TRANS_STMT_SAVEPOINT':
    case 'TRANS_STMT_RELEASE':
    case 'TRANS_STMT_ROLLBACK_TO':
      return plain
    default:
      return {kind: 'unsupported', why: 'two-phase commits (PREPARE TRANSACTION) leave it open whether the work stays'}
  }
}
