import assert from 'node:assert/strict'
import sinon from 'sinon'
import bootstrap from '../../../functions/manual/bootstrap.ts'
import type {
  BootstrapOperations,
  BootstrapResult,
  BootstrapStatus,
  BootstrapSyncResult,
} from '../../../lib/admin-api/bootstrap-operations.ts'
import {RejectedError} from '../../../lib/errors/rejected-error.ts'
import {UnavailableError} from '../../../lib/errors/unavailable-error.ts'
import {createApiAttempts} from '../../support/api-attempt.ts'
import {runJob} from '../../support/job-run.ts'

const synced: BootstrapStatus = {
  status: 'SYNCED',
  dataset_exists: true,
  tables_expected: 2,
  tables_existing: ['a', 'b'],
  tables_missing: [],
  tables_extra: [],
  schema_diffs: {},
  message: 'In sync',
}
const absent: BootstrapStatus = {
  ...synced,
  status: 'NOT_BOOTSTRAPPED',
  dataset_exists: false,
  tables_existing: [],
  tables_missing: ['a', 'b'],
}
const outOfSync: BootstrapStatus = {...synced, status: 'OUT_OF_SYNC', tables_existing: ['a'], tables_missing: ['b']}
const created: BootstrapResult = {
  status: 'SUCCESS',
  dataset_created: true,
  tables_created: ['a', 'b'],
  tables_existed: [],
  total_tables: 2,
  message: 'created',
  schema_validation: {valid: true, errors: [], warnings: []},
}
const merged: BootstrapSyncResult = {
  status: 'SUCCESS',
  tables_created: ['b'],
  columns_added: {a: ['x', 'y'], b: ['z']},
  errors: [],
  message: 'synced',
}

/** Runs the job against answers; an error is thrown. */
async function run(
  answers: {status?: BootstrapStatus | Error; fresh?: BootstrapResult | Error; sync?: BootstrapSyncResult | Error},
  args: Record<string, unknown> = {},
) {
  const calls: string[] = []
  const answer = <T>(name: string, value: T | Error | undefined) =>
    sinon.fake(async (): Promise<T> => {
      calls.push(name)
      if (value === undefined) throw new Error(`${name} was not to be called`)
      if (value instanceof Error) throw value
      return value
    })
  const api: BootstrapOperations = {
    bootstrapStatus: answer('status', answers.status),
    bootstrap: answer('fresh', answers.fresh),
    bootstrapSync: answer('sync', answers.sync),
  }
  const result = await runJob(bootstrap, {api, args}).catch((error: Error) => ({error}))
  return {
    calls,
    outcome: 'outcome' in result ? result.outcome : undefined,
    error: 'error' in result ? result.error : undefined,
  }
}

const exists = new RejectedError('the dataset exists', {status: 409, detail: 'the dataset exists'})

describe('bootstrap', () => {
  describe('decides by the status', () => {
    it('bootstraps where there is nothing', async () => {
      const {calls, outcome} = await run({status: absent, fresh: created})
      assert.deepEqual(calls, ['status', 'fresh'])
      assert.partialDeepStrictEqual(outcome, {
        event: 'succeeded',
        summary: 'fresh bootstrap: 2 tables created',
        counts: {tablesCreated: 2, tablesExisted: 0, tablesTotal: 2},
      })
    })

    it('syncs where the dataset appeared meanwhile', async () => {
      const {calls, outcome} = await run({status: absent, fresh: exists, sync: merged})
      assert.deepEqual(calls, ['status', 'fresh', 'sync'])
      assert.equal(outcome?.summary, 'synced: 1 table created, 3 columns added')
    })

    it('syncs where something is missing', async () => {
      const {calls, outcome} = await run({status: outOfSync, sync: merged})
      assert.deepEqual(calls, ['status', 'sync'])
      assert.partialDeepStrictEqual(outcome, {event: 'succeeded', counts: {tablesCreated: 1, columnsAdded: 3}})
    })

    it('says of extra tables and columns alone that there is nothing to fix, and syncs nothing', async () => {
      const status = {
        ...synced,
        status: 'OUT_OF_SYNC' as const,
        tables_extra: ['somebodys_backup'],
        schema_diffs: {a: {missing_columns: [], extra_columns: ['colour']}},
      }
      const {calls, outcome} = await run({status})
      assert.deepEqual(calls, ['status'])
      assert.partialDeepStrictEqual(outcome, {
        event: 'succeeded',
        counts: {tablesExisting: 2, tablesExtra: 1, columnsExtra: 1},
      })
      assert.match(outcome?.summary ?? '', /^nothing is missing: .*: tables somebodys_backup and columns a\.colour$/)
      assert.deepEqual((await run({status, sync: merged}, {forceSync: true})).calls, ['status', 'sync'])
    })

    it('syncs where a column is missing beside an extra one', async () => {
      const schema_diffs = {a: {missing_columns: ['x'], extra_columns: ['colour']}}
      const status = {...synced, status: 'OUT_OF_SYNC' as const, schema_diffs}
      assert.deepEqual((await run({status, sync: merged})).calls, ['status', 'sync'])
    })

    it('syncs where there is a dataset without tables', async () => {
      assert.deepEqual((await run({status: {...absent, dataset_exists: true}, sync: merged})).calls, ['status', 'sync'])
    })

    it('does nothing where everything is in sync', async () => {
      const {calls, outcome} = await run({status: synced})
      assert.deepEqual(calls, ['status'])
      assert.partialDeepStrictEqual(outcome, {
        event: 'succeeded',
        summary: 'already in sync: 2 tables',
        counts: {tablesExisting: 2},
      })
    })

    it('syncs all the same where a person insists', async () => {
      assert.deepEqual((await run({status: synced, sync: merged}, {forceSync: true})).calls, ['status', 'sync'])
    })

    it('bootstraps without asking where a person insists, and syncs if there is a dataset', async () => {
      assert.deepEqual((await run({fresh: created}, {forceFresh: true})).calls, ['fresh'])
      assert.deepEqual((await run({fresh: exists, sync: merged}, {forceFresh: true})).calls, ['fresh', 'sync'])
    })
  })

  describe('does not take for new', () => {
    for (const error of [
      new UnavailableError('down', {mayHaveExecuted: true, status: 500}),
      new RejectedError('no such route', {status: 404, detail: 'Not Found'}),
      new RejectedError('wrong key', {status: 403, detail: 'no'}),
    ]) {
      it(`a status that can’t be read: ${error.message}`, async () => {
        const result = await run({status: error})
        assert.deepEqual([result.calls, result.error], [['status'], error])
      })
    }

    it('a status that contradicts itself', async () => {
      const {calls, error} = await run({status: {...synced, dataset_exists: false}})
      assert.deepEqual([calls, error?.name], [['status'], 'ContractError'])
    })
  })

  it('passes on what the API refuses but for 409', async () => {
    const refused = new RejectedError('no', {status: 422, detail: 'no'})
    const result = await run({status: absent, fresh: refused})
    assert.deepEqual([result.calls, result.error], [['status', 'fresh'], refused])
  })

  describe('is failed, although it came with HTTP 200,', () => {
    const errors = ['table b: quota exceeded', 'table c: denied']

    it('by a partial sync, with its errors', async () => {
      const {outcome} = await run({
        status: outOfSync,
        sync: {...merged, status: 'PARTIAL', errors, message: '2 of 4 failed'},
      })
      assert.partialDeepStrictEqual(outcome, {event: 'failed', summary: 'sync is incomplete: 2 of 4 failed', errors})
    })

    it('by a partial sync that lists none, and by errors beside a success', async () => {
      assert.equal((await run({status: outOfSync, sync: {...merged, status: 'PARTIAL'}})).outcome?.event, 'failed')
      assert.equal((await run({status: outOfSync, sync: {...merged, errors}})).outcome?.event, 'failed')
    })

    it('by a fresh bootstrap that failed', async () => {
      const {outcome} = await run({status: absent, fresh: {...created, status: 'FAILED', message: 'boom'}})
      assert.partialDeepStrictEqual(outcome, {event: 'failed', summary: 'fresh bootstrap failed: boom'})
    })

    it('by a schema that is not valid, with what is wrong', async () => {
      const schema_validation = {valid: false, errors, warnings: ['a: no description']}
      const {outcome} = await run({status: absent, fresh: {...created, schema_validation}})
      assert.partialDeepStrictEqual(outcome, {event: 'failed', errors, warnings: ['a: no description']})
    })

    it('by a sync that came after a 409, too', async () => {
      const {outcome} = await run({status: absent, fresh: exists, sync: {...merged, status: 'PARTIAL', errors}})
      assert.partialDeepStrictEqual(outcome, {event: 'failed', errors})
    })
  })

  it('shows the warnings of a fresh bootstrap that succeeded', async () => {
    const schema_validation = {valid: true, errors: [], warnings: ['a: no description']}
    const {outcome} = await run({status: absent, fresh: {...created, schema_validation}})
    assert.partialDeepStrictEqual(outcome, {event: 'succeeded', warnings: ['a: no description']})
  })

  describe('takes arguments', () => {
    it('with defaults', () => {
      assert.deepEqual(bootstrap.args.parse({}), {forceFresh: false, forceSync: false})
    })

    for (const args of [
      {forceFresh: true, forceSync: true},
      {force: true},
      {forceSync: 'true'},
      {forceSync: 1},
      {force_recreate_dataset: true},
    ]) {
      it(`and refuses ${JSON.stringify(args)}`, () => {
        assert.equal(bootstrap.args.safeParse(args).success, false)
      })
    }
  })

  describe('over the wire', () => {
    const attempts = createApiAttempts()
    afterEach(() => attempts.stopAll())

    for (const args of [{}, {forceSync: true}, {forceFresh: true}]) {
      it(`destroys nothing with ${JSON.stringify(args)}, whatever it meets`, async () => {
        const {api, emulator} = await attempts.start({rateLimits: false})
        for (const expected of [/^fresh bootstrap: /, /^(already in sync|synced)/]) {
          const {outcome} = await runJob(bootstrap, {api, args})
          assert.deepEqual([outcome.event, expected.test(outcome.summary)], ['succeeded', true], outcome.summary)
        }
        assert.deepEqual(emulator.requestLog.destructions, [])
      })
    }

    it('asks for the status as it is now, not as it was a minute ago', async () => {
      const {api, emulator} = await attempts.start({rateLimits: false})
      await runJob(bootstrap, {api})
      assert.match((await runJob(bootstrap, {api})).outcome.summary, /^already in sync/)
      const [table = ''] = (await api.bootstrapStatus()).tables_existing
      emulator.dataset.dropTable(table)
      assert.equal((await runJob(bootstrap, {api})).outcome.summary, 'synced: 1 table created, 0 columns added')
    })
  })
})
