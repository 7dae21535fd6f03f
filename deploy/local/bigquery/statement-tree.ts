import type {Position} from './refusal.ts'

/** An expression of GoogleSQL, as far as the emulator supports it. */
export type Expression = Position &
  (
    | {readonly kind: 'name'; readonly parts: readonly string[]}
    | {readonly kind: 'literal'; readonly type: LiteralType; readonly value: string}
    | {readonly kind: 'parameter'; readonly name: string}
    | {readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[]; readonly isDistinct: boolean}
    | {readonly kind: 'countRows'}
    | {readonly kind: 'cast'; readonly operand: Expression; readonly type: string}
    | {readonly kind: 'operation'; readonly operator: string; readonly operands: readonly Expression[]}
    | {
        readonly kind: 'in'
        readonly operand: Expression
        readonly among: readonly Expression[]
        readonly isNegated: boolean
      }
    | {readonly kind: 'inArray'; readonly operand: Expression; readonly array: Expression; readonly isNegated: boolean}
    | {
        readonly kind: 'is'
        readonly operand: Expression
        readonly value: 'NULL' | 'TRUE' | 'FALSE'
        readonly isNegated: boolean
      }
  )

export type LiteralType = 'STRING' | 'INT64' | 'FLOAT64' | 'BOOL' | 'DATE' | 'TIMESTAMP' | 'NULL'

export type TablePath = Position & {readonly parts: readonly string[]; readonly alias: string | undefined}

export type Ordering = {readonly by: Expression; readonly isDescending: boolean}

export type SelectItem = Position &
  ({readonly kind: 'all'} | {readonly kind: 'value'; readonly value: Expression; readonly alias: string | undefined})

export type Select = {
  readonly kind: 'SELECT'
  readonly isDistinct: boolean
  readonly items: readonly SelectItem[]
  readonly table: TablePath | undefined
  readonly where: Expression | undefined
  readonly groupBy: readonly Expression[]
  readonly having: Expression | undefined
  readonly orderBy: readonly Ordering[]
  readonly limit: Expression | undefined
  readonly offset: Expression | undefined
}

export type Insert = {
  readonly kind: 'INSERT'
  readonly table: TablePath
  readonly columns: readonly (Position & {readonly name: string})[]
  readonly rows: readonly (Position & {readonly values: readonly Expression[]})[]
}

export type Delete = {readonly kind: 'DELETE'; readonly table: TablePath; readonly where: Expression}

export type StatementTree = Select | Insert | Delete
