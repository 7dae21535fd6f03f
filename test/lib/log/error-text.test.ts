import assert from 'node:assert/strict'
import {toMessageText, toStackText, toText} from '../../../lib/log/error-text.ts'

describe('toMessageText', () => {
  it('adds the causes that say something more', () => {
    const cause = new Error('connect ECONNREFUSED', {cause: new Error('connect ECONNREFUSED')})
    assert.equal(toMessageText(new Error('the API is down', {cause})), 'the API is down: connect ECONNREFUSED')
  })

  it('ends at eight, and in a cause that is its own', () => {
    const loop = new Error('loop')
    loop.cause = loop
    assert.equal(toMessageText(loop), 'loop')
    let chain = new Error('0')
    for (let depth = 1; depth < 12; depth += 1) chain = new Error(`error ${depth}`, {cause: chain})
    assert.equal(toMessageText(chain).split(': ').length, 8)
  })

  it('names each of several errors in one, and their causes', () => {
    const parts = [new Error('a is down', {cause: new Error('refused')}), new Error('b is down')]
    assert.equal(
      toMessageText(new AggregateError(parts, 'nobody answers')),
      'nobody answers: a is down: b is down: refused',
    )
    assert.match(
      toStackText(new AggregateError(parts)),
      /Caused by: Error: a is down\n[\s\S]*Caused by: Error: b is down/,
    )
  })

  it('makes text of whatever was thrown', () => {
    assert.equal(toMessageText('text'), 'text')
    assert.equal(toMessageText(Symbol('odd')), 'Symbol(odd)')
    assert.equal(toMessageText(Object.create(null)), 'object')
    assert.equal(toMessageText(undefined), '')
  })

  it('is fit for a terminal', () => {
    assert.equal(toMessageText(new Error('\u001b[31mred')), 'red')
  })
})

describe('toStackText', () => {
  it('has the stack of each cause below the other', () => {
    const text = toStackText(new TypeError('outer', {cause: new RangeError('inner')}))
    assert.match(text, /^TypeError: outer\n {4}at [\s\S]*\nCaused by: RangeError: inner\n {4}at /)
  })

  it('goes without a stack where there is none', () => {
    const error = new Error('bare')
    delete error.stack
    assert.equal(toStackText(error), 'Error: bare')
    assert.equal(toStackText(Object.create(null)), 'object')
  })
})

describe('toText', () => {
  it('never throws', () => {
    const hostile = {
      toString() {
        throw new Error('no')
      },
    }
    assert.deepEqual([toText(hostile), toText(null), toText(undefined)], ['object', 'null', 'undefined'])
  })
})
