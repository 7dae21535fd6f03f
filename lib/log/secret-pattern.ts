/** Parts of a secret shorter than this would be found in text that has nothing to do with it. */
export const shortest = 6

const named: Readonly<Record<string, string>> = {'&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos'}

/**
 * What finds a secret in text, whatever it went through on its way: another case, hex, percent-encoding, escapes of JSON
 * and JavaScript, HTML entities, and base64 wherever the secret stands in what was encoded.
 */
export function toSecretPatterns(secret: string): {
  /** False only for a text in which `whole` finds nothing. Reads the text, and compiles no expression. */
  readonly mayBeIn: (text: string) => boolean
  readonly whole: () => RegExp[]
  readonly cutBy: (mark: string) => RegExp[]
} {
  const bytes = Buffer.from(secret)
  const hex = bytes.toString('hex')
  const base64 = [0, 1, 2].map(offset => base64At(bytes, offset)).filter(form => form.length >= shortest)
  const unescaped = [secret, hex, ...base64].map(fold)
  const toGroups = () =>
    [
      {flags: 'gi', forms: [toUnits(secret), [...hex]]},
      {flags: 'g', forms: base64.map(toUnits)},
    ].filter(({forms}) => forms.length > 0)
  return {
    mayBeIn(text) {
      if (beginsEscape.test(text)) return true
      const folded = fold(text)
      return unescaped.some(form => folded.includes(form))
    },
    whole: () => toGroups().map(({forms, flags}) => new RegExp(forms.map(units => units.join('')).join('|'), flags)),
    cutBy: mark =>
      toGroups().map(
        ({forms, flags}) => new RegExp(`(?:${forms.map(toBeginning).join('|')})${toLiteral(mark)}`, flags),
      ),
  }
}

/** Without one of these in a text, each character of a secret can only stand for itself. */
const beginsEscape = /[\\%&]/

/** What two texts have in common that are the same but for the case and for base64url. */
function fold(text: string): string {
  return text.toUpperCase().replaceAll('-', '+').replaceAll('_', '/')
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
