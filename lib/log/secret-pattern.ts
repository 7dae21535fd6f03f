/** Parts of a secret shorter than this would be found in text that has nothing to do with it. */
export const shortest = 6

const named: Readonly<Record<string, string>> = {'&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos'}

/**
 * What finds a secret in text, whatever it went through on its way: another case, hex, percent-encoding, escapes of JSON
 * and JavaScript, HTML entities, and base64 wherever the secret stands in what was encoded.
 */
export function toSecretPatterns(secret: string): {
  readonly whole: RegExp[]
  readonly cutBy: (mark: string) => RegExp[]
} {
  const bytes = Buffer.from(secret)
  const anyCase = [toUnits(secret), [...bytes.toString('hex')]]
  const exact = [0, 1, 2].map(offset => toUnits(base64At(bytes, offset))).filter(units => units.length >= shortest)
  const groups = [
    {flags: 'gi', forms: anyCase},
    {flags: 'g', forms: exact},
  ].filter(({forms}) => forms.length > 0)
  return {
    whole: groups.map(({forms, flags}) => new RegExp(forms.map(units => units.join('')).join('|'), flags)),
    cutBy: mark =>
      groups.map(({forms, flags}) => new RegExp(`(?:${forms.map(toBeginning).join('|')})${toLiteral(mark)}`, flags)),
  }
}

/** The base64 of what follows so many other bytes: only the characters that the secret alone decides. */
function base64At(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replace(/=+$/, '')
  const foreignStart = Math.ceil((offset * 8) / 6)
  const hasForeignEnd = (offset + bytes.length) % 3 !== 0
  return text.slice(foreignStart, hasForeignEnd ? -1 : undefined)
}

/** Each character in every way in which it may be written. */
function toUnits(text: string): string[] {
  return Array.from(text, character => {
    const code = character.codePointAt(0) ?? 0
    const hex = code.toString(16)
    const percent = [...Buffer.from(character)]
      .map(byte => `%${anyCaseHex(byte.toString(16).padStart(2, '0'))}`)
      .join('')
    const name = named[character]
    const ways = [
      toLiteral(character),
      percent,
      `\\\\+[uU]0*${anyCaseHex(hex)}`,
      `\\\\+[xX]0*${anyCaseHex(hex)}`,
      `&#0*${code};`,
      `&#[xX]0*${anyCaseHex(hex)};`,
      ...(name === undefined ? [] : [`&${name};`]),
      ...(/[A-Za-z0-9]/.test(character) ? [] : [`\\\\+${toLiteral(character)}`]),
      // base64url.
      ...(character === '+' ? ['-'] : character === '/' ? ['_'] : []),
    ]
    return `(?:${ways.join('|')})`
  })
}

/** At least the first characters, as many as follow, and what a cut may have left of an encoded one. */
function toBeginning(units: readonly string[]): string {
  const rest = units.slice(shortest).reduceRight((after, unit) => `(?:${unit}${after})?`, '')
  return `${units.slice(0, shortest).join('')}${rest}(?:%[0-9a-fA-F]?|\\\\+[uUxX]?[0-9a-fA-F]{0,3}|&[#\\w]{0,6})?`
}

function anyCaseHex(hex: string): string {
  return hex.replace(/[a-f]/g, digit => `[${digit}${digit.toUpperCase()}]`)
}

function toLiteral(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
