/**
 * Text from a message, an error or a person, for one text node: what a terminal or a browser would act upon or hide is
 * shown as its code point, and numbers keep their digits.
 */
export function visible(text: string, maxLength = 20_000): string {
  const cut =
    text.length > maxLength
      ? `${text.slice(0, maxLength)} … ${(text.length - maxLength).toLocaleString('en-US')} more characters`
      : text
  return cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u{e0000}-\u{e0fff}]/gu, character => {
    if (character === '\n' || character === '\t') return character
    return `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`
  })
}

/** `organizationsProcessed` → `organizations processed`. */
export function toWords(name: string): string {
  return visible(name, 100).replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
}
