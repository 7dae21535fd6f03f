import assert from 'node:assert/strict'
import {findMissing, type Names, parseConsoleSession, withNames} from './console-session.ts'

describe('parseConsoleSession', () => {
  const readme = [
    '## Before',
    '```console',
    '$ npm run other',
    '```',
    '## A night',
    '```console',
    '$ npm run local',
    'up',
    '```',
    'Text, and',
    '```sh',
    'npm run unread',
    '```',
    '```console',
    '^C',
    '$ npm run list -- local   # exit 1',
    'one',
    'two',
    '```',
    '## After',
    '```console',
    '$ npm run other',
    '```',
  ].join('\n')

  it('reads the commands of one section, with exit codes, excerpts and Ctrl-C', () => {
    assert.deepEqual(parseConsoleSession(readme, 'A night'), [
      {line: 7, command: 'npm run local', exitCode: 0, excerpts: ['up'], endsSandbox: false},
      {
        line: 16,
        command: 'npm run list -- local   # exit 1',
        exitCode: 1,
        excerpts: ['one', 'two'],
        endsSandbox: true,
      },
    ])
  })

  it('refuses a section that is missing, and output without a command', () => {
    assert.throws(() => parseConsoleSession(readme, 'A day'), /no section A day/)
    assert.throws(
      () => parseConsoleSession('## A\n```console\nprinted\n```', 'A'),
      /line 3 stands before every command/,
    )
  })
})

describe('findMissing', () => {
  const id = '1795685785602002'
  const printed =
    'failed in 12.3 s at 2026-11-26T09:34:46.720Z: HTTP 403, refused\n  replay  npm run replay -- 1234567890123456'

  it('passes over times, takes ids as they come, and what … leaves out', () => {
    const names: Names = new Map()
    const excerpts = ['failed in 4.0 s at 2020-01-01T00:00:00.000Z: HTTP 403, …', `  replay    npm run replay -- ${id}`]
    assert.equal(findMissing(excerpts, printed, names), undefined)
    assert.equal(withNames(`npm run replay -- local ${id}`, names), 'npm run replay -- local 1234567890123456')
  })

  for (const [what, excerpts] of [
    ['another number', ['failed in 4.0 s at 2020-01-01T00:00:00.000Z: HTTP 404, …']],
    ['half a line', ['failed in 4.0 s']],
    ['the wrong order', [`  replay npm run replay -- ${id}`, 'failed in 4.0 s …']],
    ['an id where a time was', [`failed in ${id} …`]],
  ] as const) {
    it(`finds ${what} missing`, () => assert.notEqual(findMissing(excerpts, printed, new Map()), undefined))
  }

  it('wants the same id for the same id', () => {
    const names: Names = new Map([[id, '9999999999999999']])
    assert.notEqual(findMissing([`  replay npm run replay -- ${id}`], printed, names), undefined)
    assert.equal(findMissing([`${id} ${id}`], `${'1'.repeat(16)} ${'2'.repeat(16)}`, new Map()), `${id} ${id}`)
  })
})
