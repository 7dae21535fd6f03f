import assert from 'node:assert/strict'
import fc from 'fast-check'
import {type Filter, isMatch} from '../../../../../deploy/local/pubsub/filter/filter.ts'
import {parseFilter} from '../../../../../deploy/local/pubsub/filter/filter-parser.ts'
import {StatusError} from '../../../../../deploy/local/pubsub/wire/status-error.ts'

const key = fc.oneof(
  fc.constantFrom('a', 'b', 'job-name', 'AND', 'constructor'),
  fc.string({minLength: 1, maxLength: 3, unit: 'grapheme'}),
)
const value = fc.oneof(fc.constantFrom('', 'x', 'xy'), fc.string({maxLength: 4, unit: 'grapheme'}))

const plain = {noNullPrototype: true}

const filters = fc.letrec<{filter: Filter}>(tie => ({
  filter: fc.oneof(
    {maxDepth: 3},
    fc.record({kind: fc.constant('has' as const), key}, plain),
    fc.record({kind: fc.constantFrom('equals' as const, 'differs' as const, 'prefix' as const), key, value}, plain),
    fc.record({kind: fc.constant('not' as const), of: tie('filter')}, plain),
    fc.record(
      {kind: fc.constantFrom('and' as const, 'or' as const), of: fc.array(tie('filter'), {minLength: 2, maxLength: 3})},
      plain,
    ),
  ),
})).filter

/** As few parentheses as the grammar allows, and every character that needs an escape escaped. */
function print(filter: Filter): string {
  switch (filter.kind) {
    case 'has':
      return `attributes:${printKey(filter.key)}`
    case 'equals':
      return `attributes.${printKey(filter.key)} = ${printString(filter.value)}`
    case 'differs':
      return `attributes.${printKey(filter.key)}!=${printString(filter.value)}`
    case 'prefix':
      return `hasPrefix(attributes.${printKey(filter.key)}, ${printString(filter.value)})`
    case 'not':
      return `NOT ${printOperand(filter.of)}`
    default:
      return filter.of
        .map(part => (part.kind === 'not' ? print(part) : printOperand(part)))
        .join(` ${filter.kind.toUpperCase()} `)
  }
}

function printOperand(filter: Filter): string {
  return ['and', 'or', 'not'].includes(filter.kind) ? `(${print(filter)})` : print(filter)
}

function printKey(name: string): string {
  return /^[A-Za-z0-9_][\w-]*$/.test(name) && !['AND', 'OR', 'NOT'].includes(name) ? name : printString(name)
}

function printString(text: string): string {
  const escaped = Array.from(text, character => {
    if (character === '"' || character === '\\') return `\\${character}`
    return character < ' ' ? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}` : character
  })
  return `"${escaped.join('')}"`
}

/** Another way to say what a filter means: a set of conditions, all false for what is missing. */
function reference(filter: Filter, attributes: Map<string, string>): boolean {
  switch (filter.kind) {
    case 'not':
      return reference(filter.of, attributes) === false
    case 'and':
      return !filter.of.some(part => !reference(part, attributes))
    case 'or':
      return filter.of.filter(part => reference(part, attributes)).length > 0
    case 'has':
      return attributes.has(filter.key)
    case 'prefix':
      return attributes.get(filter.key)?.slice(0, filter.value.length) === filter.value
    default:
      return (attributes.get(filter.key) === filter.value) === (filter.kind === 'equals')
  }
}

describe('parseFilter', () => {
  it('reads back what was printed', () => {
    fc.assert(
      fc.property(filters, filter => {
        const text = print(filter)
        fc.pre(Buffer.byteLength(text) <= 256)
        assert.deepEqual(parseFilter(text), filter)
      }),
    )
  })

  it('never fails other than with INVALID_ARGUMENT', () => {
    const words = fc.constantFrom(
      'attributes',
      ':',
      '.',
      '=',
      '!=',
      'a',
      '"x"',
      'AND',
      'OR',
      'NOT',
      '-',
      '(',
      ')',
      ',',
      'hasPrefix',
      ' ',
      '"',
      '\\',
      'ä',
    )
    fc.assert(
      fc.property(fc.array(words, {maxLength: 30}), parts => {
        try {
          parseFilter(parts.join(''))
        } catch (error) {
          assert.ok(error instanceof StatusError)
          assert.equal(error.status, 'INVALID_ARGUMENT')
        }
      }),
    )
  })

  it('lets everything through without a filter', () => {
    assert.equal(parseFilter(''), undefined)
  })

  // From https://cloud.google.com/pubsub/docs/subscription-message-filter and google-cloud-go's pstest/filtering_test.go.
  const attributes = {domain: 'com', 'iana.org/language_tag': 'en', lang: 'en-US'}
  for (const [filter, isDelivered] of [
    ['attributes:domain', true],
    ['attributes:missing', false],
    ['attributes:"iana.org/language_tag"', true],
    ['attributes.domain = "com"', true],
    ['attributes.domain = "co"', false],
    ['attributes.domain != "com"', false],
    ['attributes.missing != "com"', true],
    ['attributes."iana.org/language_tag"="en"', true],
    ['hasPrefix(attributes.domain, "co")', true],
    ['hasPrefix(attributes.missing, "")', false],
    ['NOT attributes:domain', false],
    ['-attributes:missing', true],
    ['attributes:domain AND -attributes:"iana.org/language_tag"', false],
    ['NOT (attributes:missing OR attributes.lang = "de")', true],
    ['attributes:missing AND (attributes.domain = "net" OR attributes.domain = "com")', false],
    ['attributes:domain AND (attributes.domain = "net" OR attributes.domain = "com")', true],
    ['attributes.lang = "\\145n\\x2dU\\u0053"', true],
    ['  attributes : domain  ', true],
    ['attributes:constructor', false],
  ] as const) {
    it(`${isDelivered ? 'delivers' : 'holds back'} with ${filter}`, () => {
      const parsed = parseFilter(filter)
      assert.ok(parsed)
      assert.equal(isMatch(parsed, attributes), isDelivered)
    })
  }

  for (const [filter, problem] of [
    ['attributes:a AND attributes:b OR attributes:c', /only be combined with parentheses \(at character 31\)/],
    ['attributes:a OR attributes:b AND attributes:c', /only be combined with parentheses/],
    ['attributes:a and attributes:b', /expected AND, OR or the end, not "and"/],
    ['attributes:', /expected the name of an attribute, not "the end" \(at character 12\)/],
    ['attributes.a', /expected "=" or "!="/],
    ['attributes.a = b', /expected a value in double quotes/],
    ["attributes.a = 'b'", /"'" has no meaning here/],
    ['attributes.a = "b', /"\\"" has no meaning here/],
    ['attributes.a > "b"', /">" has no meaning here/],
    ['labels:a', /expected a condition on "attributes"/],
    ['attributes:""', /expected the name of an attribute/],
    ['attributes:AND', /expected the name of an attribute/],
    ['NOT NOT attributes:a', /expected a condition/],
    ['(attributes:a', /expected "\)"/],
    ['attributes:a)', /expected AND, OR or the end/],
    ['hasPrefix(attributes:a, "b")', /expected "\."/],
    ['hasSuffix(attributes.a, "b")', /expected a condition/],
    ['attributes.a = "\\q"', /\\q is no escape sequence/],
    ['attributes.a = "\\ud800"', /no Unicode character/],
    [`attributes.a = "${'ä'.repeat(121)}"`, /has 259 bytes, and 256 are the limit/],
  ] as const) {
    it(`refuses ${filter.slice(0, 60)}`, () => {
      assert.throws(() => parseFilter(filter), problem)
    })
  }
})

describe('isMatch', () => {
  it('says the same as another way to evaluate it', () => {
    fc.assert(
      fc.property(filters, fc.dictionary(key, value, plain), (filter, attributes) => {
        assert.equal(isMatch(filter, attributes), reference(filter, new Map(Object.entries(attributes))))
      }),
    )
  })
})
