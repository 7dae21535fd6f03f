/**
 * The members of a JSON object, each value as it was written: parsing would round numbers beyond 2^53.
 *
 * @returns undefined if the text is not a JSON object.
 */
export function jsonFields(text: string): {name: string; value: string}[] | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(text, function keep(this: unknown, _name, value: unknown, context?: {source?: string}) {
      // `source` is given for primitives. Source: ECMAScript, JSON.parse source text access.
      return typeof value === 'number' && context?.source !== undefined ? new Written(context.source) : value
    })
  } catch {
    return undefined
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed) || parsed instanceof Written)
    return undefined
  return Object.entries(parsed).map(([name, value]) => ({name, value: print(value)}))
}

class Written {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

function print(value: unknown): string {
  if (value instanceof Written) return value.text
  if (Array.isArray(value)) return `[${value.map(print).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([name, inner]) => `${JSON.stringify(name)}: ${print(inner)}`)
      .join(', ')}}`
  }
  return JSON.stringify(value) ?? ''
}
