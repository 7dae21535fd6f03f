import {deepEqual, equal} from 'node:assert/strict'
import {parseColumnValue} from '../../../../deploy/local/supabase/column-value.ts'

describe('parseColumnValue', () => {
  for (const [type, typeId, text, value] of [
    ['bool', 16, 't', true],
    ['bytea', 17, '\\x00ff', {type: 'Buffer', data: [0, 255]}],
    ['int8 that is exact', 20, '9007199254740991', 9_007_199_254_740_991],
    ['int8 that is not', 20, '9007199254740993', '9007199254740993'],
    ['int4', 23, '-7', -7],
    ['float8', 701, '1.5e-3', 0.0015],
    ['numeric', 1700, '0.10', '0.10'],
    ['jsonb', 3802, '{"a": [1, null]}', {a: [1, null]}],
    ['timestamptz', 1184, '2026-11-23 07:00:00.5+00', '2026-11-23 07:00:00.5+00'],
    ['text', 25, '{a}', '{a}'],
    ['text[]', 1009, '{"a,b",NULL,"c\\"d"}', ['a,b', null, 'c"d']],
    [
      'int4[]',
      1007,
      '{{1,2},{3,4}}',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['uuid[]', 2951, '{}', []],
    ['an enum’s array, which no driver knows', 16_500, '{a,b}', '{a,b}'],
  ] as const) {
    it(`reads ${type}`, () => {
      deepEqual(parseColumnValue(typeId, text), value)
    })
  }

  it('reads NULL of any type', () => {
    equal(parseColumnValue(23, null), null)
  })
})
