import assert from 'node:assert/strict'
import fc from 'fast-check'
import {toPrintable} from '../../../lib/log/printable.ts'
import {createRedact} from '../../../lib/log/redact.ts'

const key = 'k3y/+="\\&%-of-the-root'
const redact = createRedact({CA_ROOT_API_KEY: key, SUPABASE_ACCESS_TOKEN: undefined})

describe('createRedact', () => {
  it('replaces the secret in text, wherever and however often', () => {
    assert.equal(redact(`a ${key}${key} b`), 'a [secret CA_ROOT_API_KEY][secret CA_ROOT_API_KEY] b')
  })

  for (const [form, text] of [
    ['base64', Buffer.from(key).toString('base64')],
    ['URL-encoded', encodeURIComponent(key)],
    ['JSON-encoded', JSON.stringify({key})],
  ] as const) {
    it(`replaces its ${form} form`, () => {
      const clean = redact(text)
      assert.match(clean, /\[secret CA_ROOT_API_KEY\]/)
      assert.ok(
        !clean.includes('of-the-root') && !clean.includes(Buffer.from('of-the-root').toString('base64').slice(0, 8)),
      )
    })
  }

  const bytes = Buffer.from(key)
  const escapeAll = (toEscape: (code: number) => string) =>
    Array.from(key, character => toEscape(character.charCodeAt(0))).join('')
  const entities: Readonly<Record<string, string>> = {'&': '&amp;', '"': '&quot;'}
  for (const [form, text] of [
    ['upper case', key.toUpperCase()],
    ['hex', bytes.toString('hex')],
    ['hex in upper case', bytes.toString('hex').toUpperCase()],
    ['lower-case percent-encoding', encodeURIComponent(key).replace(/%../g, code => code.toLowerCase())],
    ['percent-encoding of everything', escapeAll(code => `%${code.toString(16)}`)],
    ['JavaScript escapes', escapeAll(code => `\\u00${code.toString(16)}`)],
    ['escapes of escapes', escapeAll(code => `\\\\u00${code.toString(16).toUpperCase()}`)],
    ['escaped slashes', JSON.stringify(key).slice(1, -1).replaceAll('/', '\\/')],
    ['HTML', key.replace(/[&"]/g, character => entities[character] ?? character)],
    ['HTML by numbers', escapeAll(code => `&#${code};`)],
    ['HTML by hex numbers', escapeAll(code => `&#x${code.toString(16)};`)],
    ['base64 after one byte', Buffer.from(`:${key}`).toString('base64')],
    ['base64 after two bytes', Buffer.from(`u:${key}x`).toString('base64')],
    ['base64url', Buffer.from(`user:${key}`).toString('base64url')],
    ['base64 in a URL', encodeURIComponent(bytes.toString('base64'))],
  ] as const) {
    it(`finds it in ${form}`, () => {
      const clean = redact(`before ${text} after`)
      assert.match(clean, /^before .{0,7}\[secret CA_ROOT_API_KEY\].{0,7} after$/)
    })
  }

  it('leaves alone what only looks like it', () => {
    const text = `${key.slice(0, -1)} ${bytes.toString('hex').slice(2)} &amp; %2f`
    assert.equal(redact(text), text)
  })

  it('goes through objects, lists, keys and symbols, and leaves dates and numbers alone', () => {
    const level = Symbol('level')
    const at = new Date(0)
    const clean = redact({a: [{[key]: `x${key}`}], at, count: 3, none: null, [level]: key})
    assert.deepEqual(clean, {
      a: [{'[secret CA_ROOT_API_KEY]': 'x[secret CA_ROOT_API_KEY]'}],
      at,
      count: 3,
      none: null,
      [level]: '[secret CA_ROOT_API_KEY]',
    })
  })

  it('shows nothing of what is too deep to be looked through, and ends in what holds itself', () => {
    let deep: unknown = key
    for (let depth = 0; depth < 30; depth += 1) deep = {deep}
    assert.doesNotMatch(JSON.stringify(redact(deep)), /of-the-root/)
    const loop: {self?: unknown; key: string} = {key}
    loop.self = loop
    assert.doesNotMatch(JSON.stringify(redact(loop)), /of-the-root/)
  })

  it('replaces the longer of two secrets of which one holds the other', () => {
    const both = createRedact({CA_ROOT_API_KEY: 'abcdef', SUPABASE_ACCESS_TOKEN: 'abcdef-and-more'})
    assert.equal(both('abcdef-and-more abcdef'), '[secret SUPABASE_ACCESS_TOKEN] [secret CA_ROOT_API_KEY]')
  })

  it('replaces what a cut left of a secret', () => {
    const text = toPrintable(`the key is ${key}`, 20)
    assert.equal(redact(text), 'the key is [secret CA_ROOT_API_KEY]… (cut)')
  })

  it('leaves values alone that are too short to be secrets', () => {
    assert.equal(createRedact({CA_ROOT_API_KEY: 'a'})('banana'), 'banana')
  })

  it('gives values back as they are where there are no secrets', () => {
    const value = {a: 1}
    assert.equal(createRedact({})(value), value)
  })

  it('leaves no half of a secret in any value, cut anywhere', () => {
    const secret = fc.string({
      unit: fc.integer({min: 0x21, max: 0x7e}).map(code => String.fromCharCode(code)),
      minLength: 12,
      maxLength: 40,
    })
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), fc.nat({max: 60}), (value, before, after, cutAt) => {
        // Where the text holds half of it anyway, there is nothing to hide.
        fc.pre(!`${before}\n${after}\n[secret A]… (cut)`.includes(value.slice(0, value.length / 2)))
        const text = toPrintable(`${before}${value}${after}`, cutAt + 1)
        const clean = createRedact({A: value})({text, list: [text]})
        assert.ok(!JSON.stringify(clean).includes(JSON.stringify(value.slice(0, value.length / 2)).slice(1, -1)))
      }),
    )
  })
})
