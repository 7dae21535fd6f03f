import {BigQueryRefusal, unsupported} from './refusal.ts'
import {type SqlToken, tokenize} from './sql-tokens.ts'

export type TableName = {readonly dataset: string; readonly table: string}

/** A statement of GoogleSQL as DuckDB takes it. */
export type Translation = {
  readonly statementType: 'SELECT' | 'INSERT' | 'DELETE'
  readonly sql: string
  /** Parameters that the statement names. */
  readonly parameters: ReadonlySet<string>
  readonly tables: readonly TableName[]
  /** Words of the statement in lower case; the estimate of bytes looks for columns among them. */
  readonly words: ReadonlySet<string>
}

/** Functions that the project's statements use; those that DuckDB names otherwise are macros of the database. */
const functions = new Set([
  'any_value',
  'array_agg',
  'cast',
  'coalesce',
  'count',
  'countif',
  'current_date',
  'current_timestamp',
  'date',
  'if',
  'in',
  'json_value',
  'lower',
  'max',
  'min',
  'over',
  'parse_json',
  'row_number',
  'sum',
  'timestamp',
  'to_json_string',
  'unnest',
  'upper',
  'values',
  'and',
  'or',
  'not',
  'as',
  'where',
  'from',
  'by',
  'on',
  'using',
  'exists',
  'select',
  'qualify',
  'when',
  'then',
  'else',
  'having',
])
const clausesOfTables = new Set(['from', 'join', 'into'])

/**
 * Translates the subset of GoogleSQL that the project uses.
 *
 * @param columns every column name in the database: they are quoted, since some are keywords of DuckDB.
 * @throws BigQueryRefusal for anything else.
 */
export function translate(googleSql: string, projectId: string, columns: ReadonlySet<string>): Translation {
  const tokens = tokenize(googleSql.replace(/;\s*$/, ''))
  const meaning = tokens.filter(({kind}) => kind !== 'space')
  const statementType = statementTypeOf(meaning)
  const parameters = new Set<string>()
  const words = new Set<string>()
  const tables: TableName[] = []
  const out: string[] = []
  const withNames = namesOfWith(meaning)
  let previous: SqlToken | undefined
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]
    if (token === undefined) break
    if (token.kind === 'space') {
      out.push(' ')
      continue
    }
    if (token.text === ';') throw unsupported('more than one statement')
    const isTable =
      (token.kind === 'quotedName' || token.kind === 'word') && clausesOfTables.has(previous?.text.toLowerCase() ?? '')
    if (isTable && !(token.kind === 'word' && (withNames.has(token.text) || token.text.toLowerCase() === 'unnest'))) {
      const {name, last} = readTable(tokens, at, projectId)
      tables.push(name)
      out.push(`"${name.dataset}"."${name.table}"`)
      at = last
    } else {
      out.push(translateToken(token, tokens[at + 1], columns))
      if (token.kind === 'parameter') parameters.add(token.value)
      if (token.kind === 'word' || token.kind === 'quotedName') words.add(token.value.toLowerCase())
    }
    previous = token
  }
  return {statementType, sql: toUnnestedIn(out.join('')), parameters, tables, words}
}

function translateToken(token: SqlToken, next: SqlToken | undefined, columns: ReadonlySet<string>): string {
  if (token.kind === 'string') return `'${token.value.replaceAll("'", "''")}'`
  if (token.kind === 'parameter') return parameterName(token.value)
  if (token.kind === 'quotedName') return `"${token.value}"`
  if (token.kind !== 'word') return token.text
  const word = token.text.toLowerCase()
  if (next?.text === '(') {
    if (!functions.has(word) && !columns.has(word)) throw unsupported(`the function ${token.text}()`)
    return word === 'date' ? 'bq_date' : token.text
  }
  return columns.has(word) ? `"${word}"` : token.text
}

/** Named apart from DuckDB's keywords. */
export function parameterName(name: string): string {
  return `$p_${name}`
}

function statementTypeOf(tokens: readonly SqlToken[]): Translation['statementType'] {
  const first = tokens[0]?.text.toUpperCase()
  if (first === 'SELECT' || first === 'WITH') return 'SELECT'
  if (first === 'INSERT' || first === 'DELETE') return first
  throw unsupported(first === undefined ? 'an empty statement' : `${first} statements`)
}

function namesOfWith(tokens: readonly SqlToken[]): Set<string> {
  const names = tokens.filter((token, at) => {
    const follows = tokens[at + 1]?.text.toUpperCase() === 'AS' && tokens[at + 2]?.text === '('
    return token.kind === 'word' && follows
  })
  return new Set(names.map(({text}) => text))
}

function readTable(tokens: readonly SqlToken[], at: number, projectId: string): {name: TableName; last: number} {
  let last = at
  let text = tokens[at]?.value ?? ''
  while (tokens[last + 1]?.text === '.' && tokens[last + 2] !== undefined) {
    text += `.${tokens[last + 2]?.value}`
    last += 2
  }
  const parts = text.split('.')
  const [table = '', dataset = '', project = projectId] = parts.toReversed()
  if (parts.length < 2 || parts.length > 3) {
    throw new BigQueryRefusal(
      400,
      'invalidQuery',
      `Table "${text}" must be qualified with a dataset (e.g. dataset.table).`,
    )
  }
  if (project !== projectId) throw new BigQueryRefusal(403, 'accessDenied', `Access Denied: Project ${project}`)
  if (!/^\w+$/.test(dataset) || !/^[\w-]+$/.test(table)) throw unsupported(`the table name ${text}`)
  return {name: {dataset, table}, last}
}

/** `IN UNNEST(x)` is a sub-select with DuckDB. */
function toUnnestedIn(sql: string): string {
  return sql.replace(/\bIN\s+UNNEST\s*\((\$p_\w+)\)/gi, 'IN (SELECT unnest($1))')
}
