/** A statement, whether GoogleSQL has it, and what the sandbox's BigQuery says where it refuses it. */
export type StatementCase = {
  readonly sql: string
  readonly isGoogleSql: boolean
  readonly refusal?: string
}

const valid = (sql: string): StatementCase => ({sql, isGoogleSql: true})
const invalid = (sql: string, refusal: string): StatementCase => ({sql, isGoogleSql: false, refusal})
/** What the sandbox doesn't know, though GoogleSQL does. */
const unknown = (sql: string, construct: string): StatementCase => ({
  sql,
  isGoogleSql: true,
  refusal: `the sandbox's BigQuery doesn't support ${construct}`,
})

const runs = '`scheduler_jobs.job_runs`'
const limits = 'it takes SELECT from one table, INSERT … VALUES and DELETE'

/**
 * Each is tried on the sandbox's BigQuery and, by `npm run test:googlesql`, on Google's own analyzer. Parameters:
 * @text STRING, @number INT64, @moment TIMESTAMP, @day DATE, @texts ARRAY<STRING>.
 */
export const statementCases: readonly StatementCase[] = [
  valid('SELECT 1'),
  valid('SELECT 1 AS `one`, -2.5 AS two, .5, 1e3, TRUE, NULL, "a\\"b", \'it\\\'s\' -- comment\n;'),
  valid(`SELECT \`run_id\`, \`at\` FROM ${runs} WHERE \`run_id\` = @text ORDER BY \`at\`, \`attempt\``),
  valid('SELECT run_id, job FROM `scheduler_jobs`.`job_runs` WHERE RUN_ID = @Text'),
  valid('SELECT run_id FROM `cloudact-local.scheduler_jobs.job_runs` AS runs WHERE runs.run_id = @text'),
  valid('SELECT run_id FROM scheduler_jobs.job_runs WHERE `at` >= @moment AND event != @text AND NOT job = @text'),
  valid(`SELECT * FROM ${runs} WHERE attempt BETWEEN 1 AND @number LIMIT 10 OFFSET 2`),
  valid(`SELECT DISTINCT job FROM ${runs} WHERE job IN ('a', 'b') OR job NOT IN UNNEST(@texts)`),
  valid(
    `SELECT job, COUNT(*) AS attempts, MAX(\`at\`) FROM ${runs} GROUP BY job HAVING COUNT(*) > 1 ORDER BY attempts DESC`,
  ),
  valid(
    `SELECT TO_JSON_STRING(args) AS args, JSON_VALUE(args, '$.org_slug') AS slug FROM ${runs} WHERE args IS NOT NULL`,
  ),
  valid(`SELECT COUNTIF(attempt > 1), SUM(attempt), MIN(job), ANY_VALUE(event), COUNT(DISTINCT job) FROM ${runs}`),
  valid(`SELECT IF(attempt > 1, 'again', 'first'), COALESCE(summary, ''), LOWER(job), UPPER(job) FROM ${runs}`),
  valid(`SELECT run_id FROM ${runs} WHERE \`at\` > '2026-01-02 03:04:05Z' AND DATE(\`at\`) = DATE '2026-01-02'`),
  valid(`SELECT run_id FROM ${runs} WHERE job LIKE 'daily%' AND (attempt + 1) * 2 - 1 > part / 2`),
  valid(`SELECT CAST(attempt AS STRING) || '-' || job AS label FROM ${runs} WHERE \`at\` < CURRENT_TIMESTAMP()`),
  valid(
    `INSERT INTO ${runs} (\`run_id\`, \`at\`, \`attempt\`, \`args\`) VALUES (@text, @moment, @number, PARSE_JSON(@text))`,
  ),
  valid(`INSERT ${runs} (run_id, attempt) VALUES ('a', 1), ('b', NULL)`),
  valid('DELETE FROM `organizations.org_usage_quotas` WHERE `usage_date` < @day'),
  valid("DELETE `organizations.org_usage_quotas` WHERE usage_date < '2026-08-25' AND org_slug IS NOT NULL"),
  valid('SELECT COUNT(*) AS `row_count` FROM `organizations.org_usage_quotas` WHERE `usage_date` < @day'),
  valid('SELECT batch_run_id FROM organizations.org_meta_pipeline_batch_runs WHERE run_date = @day LIMIT @number'),
  // Reserved words without backticks.
  invalid(`SELECT at FROM ${runs}`, 'Syntax error: Unexpected keyword AT at [1:8]'),
  invalid(`SELECT run_id, at FROM ${runs}`, 'Syntax error: Expected end of input but got keyword AT at [1:16]'),
  invalid(`SELECT run_id FROM ${runs} WHERE at > @moment`, 'Syntax error: Unexpected keyword AT at [1:52]'),
  invalid(`SELECT run_id FROM ${runs} ORDER BY at`, 'Syntax error: Unexpected keyword AT at [1:55]'),
  invalid(`INSERT INTO ${runs} (run_id, at) VALUES (@text, @moment)`, 'Syntax error: Unexpected keyword AT at [1:48]'),
  invalid(`SELECT job AS end FROM ${runs}`, 'Syntax error: Unexpected keyword END at [1:15]'),
  invalid(`SELECT job FROM ${runs} AS to`, 'Syntax error: Unexpected keyword TO at [1:46]'),
  invalid(`SELECT hash FROM ${runs}`, 'Syntax error: Unexpected keyword HASH at [1:8]'),
  // What DuckDB takes and GoogleSQL doesn't.
  invalid(`SELECT attempt::VARCHAR FROM ${runs}`, `the sandbox's BigQuery doesn't support ":" at [1:15]: ${limits}`),
  invalid(
    'SELECT * FROM pragma_version()',
    `the sandbox's BigQuery doesn't support a table function at [1:29]: ${limits}`,
  ),
  invalid(
    "SELECT * FROM read_csv('/etc/passwd')",
    `the sandbox's BigQuery doesn't support a table function at [1:23]: ${limits}`,
  ),
  invalid("SELECT * FROM '/etc/passwd'", "Syntax error: Unexpected string literal '/etc/passwd' at [1:15]"),
  invalid('SELECT getenv("HOME")', 'Function not found: GETENV at [1:8]'),
  invalid(`SELECT strlen(job) FROM ${runs}`, 'Function not found: STRLEN at [1:8]'),
  invalid(`DELETE FROM ${runs}`, 'DELETE must have a WHERE clause at [1:1]'),
  invalid(
    `SELECT run_id FROM ${runs} WHERE attempt = '1'`,
    'No matching signature for operator = for argument types: INT64, STRING at [1:52]',
  ),
  invalid(
    `SELECT run_id FROM ${runs} WHERE attempt = @text`,
    'No matching signature for operator = for argument types: INT64, STRING at [1:52]',
  ),
  invalid(
    `SELECT run_id FROM ${runs} WHERE args = @text`,
    'No matching signature for operator = for argument types: JSON, STRING at [1:52]',
  ),
  invalid(
    `SELECT run_id FROM ${runs} WHERE attempt`,
    'WHERE clause should return type BOOL, but returns type INT64 at [1:52]',
  ),
  invalid(`SELECT run_id FROM ${runs} WHERE attempt = 1 = TRUE`, 'Syntax error: Unexpected "=" at [1:64]'),
  invalid(
    `SELECT LOWER(attempt) FROM ${runs}`,
    'No matching signature for function LOWER for argument types: INT64 at [1:8]',
  ),
  invalid(`SELECT args FROM ${runs} ORDER BY args`, 'ORDER BY does not support expressions of type JSON at [1:53]'),
  invalid(`SELECT nothing FROM ${runs}`, 'Unrecognized name: nothing at [1:8]'),
  invalid(`SELECT "run_id FROM ${runs}`, 'Syntax error: Unclosed string literal at [1:8]'),
  invalid('SELECT `run_id', 'Syntax error: Unclosed identifier literal at [1:8]'),
  invalid('SELECT ``', 'Syntax error: Invalid empty identifier at [1:8]'),
  invalid("SELECT '\\q'", 'Syntax error: Illegal escape sequence: \\q at [1:9]'),
  invalid("SELECT DATE '2026-02-30'", 'Invalid DATE literal at [1:8]'),
  invalid('SELECT 9223372036854775808', 'Invalid INT64 literal at [1:8]'),
  invalid('SELECT @nothing', "Query parameter 'nothing' not found at [1:8]"),
  invalid('SELECT 1; SELECT 2', 'Syntax error: Expected end of input but got keyword SELECT at [1:11]'),
  invalid('', 'Syntax error: Unexpected end of statement at [1:1]'),
  invalid('PRAGMA database_list', 'Syntax error: Unexpected identifier "PRAGMA" at [1:1]'),
  invalid('SELECT *', 'SELECT * must have a FROM clause at [1:8]'),
  invalid(
    "INSERT INTO `scheduler_jobs.job_runs` (attempt) VALUES ('1')",
    'Value has type STRING which cannot be inserted into column attempt, which has type INT64 at [1:57]',
  ),
  invalid(
    'INSERT INTO `scheduler_jobs.job_runs` (run_id) VALUES (@text, 1)',
    'Inserted row has wrong column count; Has 2, expected 1 at [1:55]',
  ),
  invalid(
    'INSERT INTO `scheduler_jobs.job_runs` (run_id, run_id) VALUES (@text, @text)',
    'INSERT has columns with duplicate name: run_id at [1:48]',
  ),
  // What GoogleSQL has and the sandbox doesn't.
  unknown(`SELECT job name FROM ${runs}`, 'an alias without AS'),
  unknown(`SELECT (SELECT 1) AS one FROM ${runs}`, 'a subquery'),
  unknown('WITH one AS (SELECT 1 AS x) SELECT x FROM one', 'WITH statements'),
  unknown(`SELECT a.job FROM ${runs} AS a JOIN ${runs} AS b ON a.job = b.job`, 'JOIN'),
  unknown(`SELECT job, ROW_NUMBER() OVER (ORDER BY attempt) AS n FROM ${runs}`, 'a window function'),
  unknown(`SELECT CASE WHEN attempt = 1 THEN 'a' END AS x FROM ${runs}`, 'CASE'),
  unknown(`INSERT INTO ${runs} (run_id) SELECT job FROM ${runs}`, 'INSERT … SELECT'),
  {
    sql: `SELECT runs.at FROM ${runs} AS runs`,
    isGoogleSql: true,
    refusal: 'Syntax error: Unexpected keyword AT at [1:13]',
  },
  {
    sql: `SELECT job || attempt AS label FROM ${runs}`,
    isGoogleSql: true,
    refusal: 'No matching signature for operator || for argument types: STRING, INT64 at [1:8]',
  },
  unknown("SELECT r'a' AS raw", 'this kind of string literal'),
]
