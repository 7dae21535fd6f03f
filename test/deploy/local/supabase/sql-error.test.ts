import {equal} from 'node:assert/strict'
import {formatSqlError} from '../../../../deploy/local/supabase/sql-error.ts'

describe('formatSqlError', () => {
  const base = {severity: 'ERROR', sqlState: '42P01', message: 'relation "nope" does not exist'}

  it('prints severity, SQLSTATE and message', () => {
    equal(formatSqlError(base, 'select 1'), 'ERROR:  42P01: relation "nope" does not exist\n')
  })

  it('points at the character, in the line it is in', () => {
    const sql = 'select 1;\n\nselect *\nfrom nope;\n'
    equal(
      formatSqlError({...base, position: sql.indexOf('nope') + 1}, sql),
      ['ERROR:  42P01: relation "nope" does not exist', 'LINE 4: from nope;', '             ^', ''].join('\n'),
    )
  })

  it('stays below the character when the line number has more digits', () => {
    const sql = `${'\n'.repeat(99)}nope`
    equal(formatSqlError({...base, position: 100}, sql).split('\n')[2], '          ^')
  })

  it('has no line for an error at the very end, as the endpoint has none', () => {
    equal(
      formatSqlError(
        {severity: 'ERROR', sqlState: '42601', message: 'syntax error at end of input', position: 14},
        'select 1 from',
      ),
      'ERROR:  42601: syntax error at end of input\nLINE 0: \n        ^\n',
    )
  })

  it('adds detail, hint, query and context, each on a line of its own', () => {
    const error = {...base, detail: 'd', hint: 'h', internalQuery: 'q', context: 'first\nsecond'}
    equal(
      formatSqlError(error, ''),
      'ERROR:  42P01: relation "nope" does not exist\nDETAIL:  d\nHINT:  h\nQUERY:  q\nCONTEXT:  first\nsecond\n',
    )
  })
})
