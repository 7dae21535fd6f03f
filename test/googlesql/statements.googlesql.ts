import assert from 'node:assert/strict'
import {readFile} from 'node:fs/promises'
import * as z from 'zod'
import {knownTables} from '../support/known-tables.ts'
import {statementCases} from '../support/statement-cases.ts'
import {type Analyzer, startAnalyzer} from './analyzer.ts'
import {installAnalyzer} from './install-analyzer.ts'

const projectId = 'cloudact-local'
const collectedSchema = z.array(
  z.object({
    query: z.string(),
    parameters: z.array(z.object({name: z.string(), type: z.string()})),
    table: z.object({dataset: z.string(), table: z.string()}).optional(),
  }),
)
const parameters = [
  {name: 'text', type: 'STRING'},
  {name: 'number', type: 'INT64'},
  {name: 'moment', type: 'TIMESTAMP'},
  {name: 'day', type: 'DATE'},
  {name: 'texts', type: 'ARRAY<STRING>'},
]
const lines = (await readFile(z.string().parse(process.env['GOOGLESQL_STATEMENTS']), 'utf8')).trim().split('\n')
const collected = collectedSchema.parse([...new Set(lines)].map((line): unknown => JSON.parse(line)))

describe("Google's analyzer", () => {
  let analyzer: Analyzer
  before(async () => {
    const installed = await installAnalyzer(() => {})
    if ('reason' in installed) throw new Error(installed.reason)
    analyzer = await startAnalyzer(installed, projectId, knownTables)
  })
  after(() => analyzer.stop())

  describe('on every statement that the project sends', () => {
    it('was given statements about the ledger and the quota table', () => {
      const tables = new Set(collected.map(({table}) => `${table?.dataset}.${table?.table}`))
      for (const name of ['scheduler_jobs.job_runs', 'organizations.org_usage_quotas'])
        assert.ok(tables.has(name), name)
      const verbs = new Set(collected.map(({query}) => query.split(' ')[0]))
      assert.deepEqual(verbs, new Set(['SELECT', 'INSERT', 'DELETE']))
    })

    for (const statement of collected) {
      const types = statement.parameters.map(({name, type}) => `@${name} ${type}`).join(', ')
      it(`accepts ${statement.query}${types === '' ? '' : ` (${types})`}`, async () => {
        assert.equal(await analyzer.check(statement.query, statement.parameters), undefined)
      })
    }

    it('refuses each of them with a backtick less around a reserved word', async () => {
      const reserved = collected.filter(({query}) => query.includes('`at`'))
      assert.ok(reserved.length > 0)
      for (const {query, parameters: own} of reserved) {
        assert.match(
          (await analyzer.check(query.replace('`at`', 'at'), own)) ?? 'accepted',
          /Syntax error: .*keyword AT at/,
        )
      }
    })
  })

  describe("agrees with the sandbox's BigQuery", () => {
    for (const {sql, isGoogleSql, refusal} of statementCases) {
      it(`${isGoogleSql ? 'accepts' : 'refuses'} ${sql === '' ? 'an empty statement' : sql}`, async () => {
        const found = await analyzer.check(sql, parameters)
        if (isGoogleSql) return assert.equal(found, undefined)
        assert.notEqual(found, undefined, 'the analyzer accepts it')
        // Both say what is wrong with the syntax in the same words.
        if (refusal?.startsWith('Syntax error') === true) assert.equal(found, refusal)
      })
    }
  })
})
