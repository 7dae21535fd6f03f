import assert from 'node:assert/strict'
import * as z from 'zod'
import {describeArguments, parseJobArguments} from '../../../deploy/publish/job-arguments.ts'
import {createSampleJob} from '../../support/sample-job.ts'

const job = createSampleJob({
  args: z.strictObject({
    org: z
      .array(z.string().regex(/^[a-z_]+$/, 'must be a slug'))
      .optional()
      .describe('organizations'),
    name: z.string().optional().describe('a name'),
    days: z.number().int().min(1).default(90).describe('days to keep'),
    ratio: z.number().optional().describe('a ratio'),
    dryRun: z.boolean().default(false).describe('changes nothing'),
    kind: z.enum(['a', 'b']).optional().describe('a kind'),
  }),
})
const none = createSampleJob({args: z.strictObject({})})

const right: [pairs: string[], args: Record<string, unknown>][] = [
  [[], {}],
  [['dryRun=true'], {dryRun: true}],
  [['dryRun=false'], {dryRun: false}],
  [['days=30'], {days: 30}],
  [['ratio=-1.5'], {ratio: -1.5}],
  [['name='], {name: ''}],
  [['name=a=b'], {name: 'a=b'}],
  [['name=007'], {name: '007'}],
  [['name=true'], {name: 'true'}],
  [['kind=a'], {kind: 'a'}],
  [['org=acme'], {org: ['acme']}],
  [['org=acme,initech'], {org: ['acme', 'initech']}],
  [['org=acme', 'org=initech,umbrella'], {org: ['acme', 'initech', 'umbrella']}],
  [['org=acme,'], {org: ['acme']}],
]

const wrong: [pairs: string[], message: RegExp][] = [
  [['dryRun'], /^--arg "dryRun" has no value: write --arg key=value$/],
  [['=x'], /^--arg "=x" has no value/],
  [[''], /^--arg "" has no value/],
  [['dryRun=yes'], /\nsample: dryRun: must be true or false/],
  [['dryRun=True'], /\nsample: dryRun: /],
  [['days=many'], /\nsample: days: .*number/],
  [['days=0'], /\nsample: days: /],
  [['days=1e3'], /\nsample: days: /],
  [['days=0x10'], /\nsample: days: /],
  [['days=1', 'days=2'], /^--arg days is given 2 times, but takes one value$/],
  [['kind=c'], /\nsample: kind: .*"a"\|"b"/],
  [['org=Acme'], /\nsample: org\.0: must be a slug/],
  [['orgs=acme'], /^Arguments of sample:\n[\s\S]*\nsample: Unrecognized key: "orgs"$/],
  [['__proto__=x'], /\nsample: Unrecognized key: "__proto__"/],
  [['constructor='], /\nsample: Unrecognized key: "constructor"/],
  [['toString=x'], /\nsample: Unrecognized key: "toString"/],
  [['hasOwnProperty=x', 'days=0'], /\nsample: .*days: .*Unrecognized key: "hasOwnProperty"/],
]

describe('parseJobArguments', () => {
  for (const [pairs, args] of right) {
    it(`reads ${JSON.stringify(pairs)} as the schema takes it`, () => {
      assert.deepEqual(parseJobArguments(job, pairs), args)
    })
  }

  for (const [pairs, message] of wrong) {
    it(`refuses ${JSON.stringify(pairs)}`, () => {
      assert.throws(() => parseJobArguments(job, pairs), {name: 'UsageError', message})
    })
  }

  it('lists the arguments that there are above what is wrong', () => {
    assert.throws(() => parseJobArguments(job, ['orgs=acme']), {
      message: [
        'Arguments of sample:',
        '  --arg org=<text, may be repeated>  organizations',
        '  --arg name=<text>  a name',
        '  --arg days=<number>  days to keep',
        '  --arg ratio=<number>  a ratio',
        '  --arg dryRun=<true|false>  changes nothing',
        '  --arg kind=<a|b>  a kind',
        '',
        'sample: Unrecognized key: "orgs"',
      ].join('\n'),
    })
    assert.throws(() => parseJobArguments(none, ['a=b']), {message: /^sample takes no arguments\n\nsample: /})
  })

  it('checks what holds between arguments, too', () => {
    const exclusive = createSampleJob({
      args: z
        .strictObject({a: z.boolean().default(false), b: z.boolean().default(false)})
        .refine(({a, b}) => !(a && b), 'a and b exclude each other'),
    })
    assert.throws(() => parseJobArguments(exclusive, ['a=true', 'b=true']), /a and b exclude each other/)
    assert.deepEqual(parseJobArguments(exclusive, ['a=true']), {a: true})
  })
})

describe('describeArguments', () => {
  it('leaves out what no word on the command line can say', () => {
    const inner = createSampleJob({args: z.strictObject({state: z.strictObject({}).optional()})})
    assert.equal(describeArguments(inner), 'sample takes no arguments')
  })

  it('says so where there are none', () => {
    assert.equal(describeArguments(none), 'sample takes no arguments')
  })
})
