import assert from 'node:assert/strict'
import fc from 'fast-check'
import {shortest, toSecretPatterns} from '../../../lib/log/secret-pattern.ts'

/** How a text may carry a secret. */
const forms: readonly ((secret: string) => string)[] = [
  secret => secret,
  secret => secret.toUpperCase(),
  secret => secret.toLowerCase(),
  secret => Buffer.from(secret).toString('hex'),
  secret => Buffer.from(secret).toString('hex').toUpperCase(),
  secret => Buffer.from(secret).toString('base64'),
  secret => Buffer.from(`:${secret}`).toString('base64'),
  secret => Buffer.from(`u:${secret}x`).toString('base64url'),
  encodeURIComponent,
  secret => JSON.stringify(secret),
]

describe('toSecretPatterns', () => {
  // fast-check's own `binary` lists all 1.1 million characters first, for seconds.
  const character = fc.nat({max: 0x10_ff_ff}).map(code => String.fromCodePoint(code))
  const unit = fc.oneof(
    fc.constantFrom('-', '_', '+', '/', 'k', 'K', 'ß', 'ſ', '\u212a', 'İ', 'σ', 'ς', 'Σ', 'µ', 'μ'),
    character,
  )
  const anyText = fc.array(unit, {minLength: shortest, maxLength: 12}).map(units => units.join('').toWellFormed())

  it('never takes a text for clean in which a pattern finds the secret', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.nat(forms.length - 1), (secret, around, form) => {
        const {mayBeIn, whole} = toSecretPatterns(secret)
        const text = `${around}${forms[form]?.(secret)}${around}`
        if (whole().some(pattern => pattern.test(text))) assert.ok(mayBeIn(text), text)
      }),
      {numRuns: 200},
    )
  })

  it('compiles nothing for a text without an escape that holds none of it', () => {
    const {mayBeIn} = toSecretPatterns('key-of-the-root')
    assert.equal(mayBeIn('org-sync-all: 12 organizations in 3 s'), false)
    assert.equal(mayBeIn('of: KEY-OF-THE-ROOT'), true)
    assert.equal(mayBeIn('100 %'), true)
  })
})
