import {appendFileSync} from 'node:fs'
import type {AcceptedStatement} from '../../deploy/local/bigquery/prepared-statement.ts'

const seen = new Set<string>()

/** For startBigQuery(): writes each statement down once, where `npm run test:googlesql` asks for it. */
export const collectStatements: {onAccepted?: (statement: AcceptedStatement) => void} = collectInto(
  process.env['GOOGLESQL_STATEMENTS'],
)

function collectInto(file: string | undefined): typeof collectStatements {
  if (file === undefined) return {}
  return {
    onAccepted(statement) {
      const line = JSON.stringify(statement)
      if (!seen.has(line)) appendFileSync(file, `${line}\n`)
      seen.add(line)
    },
  }
}
