import assert from 'node:assert/strict'
import {differencesOf, repairTables} from '../../../../../deploy/local/admin-api/state/table-set.ts'

describe('repairTables', () => {
  const expected = {a: ['id', 'name'], b: ['id']}
  const all = {missingTables: true, missingColumns: true, obstacle: () => undefined}

  it('adds what is missing, drops nothing, and leaves what it was given as it was', () => {
    const actual = {a: ['id', 'own'], other: ['x']}
    assert.deepEqual(repairTables(actual, expected, all), {
      tables: {a: ['id', 'own', 'name'], other: ['x'], b: ['id']},
      tablesCreated: ['b'],
      columnsAdded: {a: ['name']},
      errors: [],
    })
    assert.deepEqual(actual, {a: ['id', 'own'], other: ['x']})
  })

  it('goes on after what it could not make', () => {
    const obstacle = (table: string, column?: string) => (table === 'a' && column === 'name' ? 'no' : undefined)
    const repair = repairTables({a: ['id']}, {...expected, a: ['id', 'name', 'age']}, {...all, obstacle})
    assert.deepEqual(repair.tables, {a: ['id', 'age'], b: ['id']})
    assert.deepEqual(repair.errors, ['Failed to add column name to a: no'])
  })
})

describe('differencesOf', () => {
  it('names columns that are missing or too much, of tables that are there and expected', () => {
    assert.deepEqual(differencesOf({a: ['id', 'own'], other: ['x']}, {a: ['id', 'name'], b: ['id']}), {
      a: {missing_columns: ['name'], extra_columns: ['own']},
    })
  })
})
