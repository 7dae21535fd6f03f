/** A text as a literal of SQL, right under any setting of standard_conforming_strings. Never in a dollar-quoted body with `$migrate$`. */
export function quoteLiteral(text: string): string {
  const safe = text.replaceAll('\0', '').replaceAll('$migrate$', '$ migrate $').replaceAll("'", "''")
  return safe.includes('\\') ? `E'${safe.replaceAll('\\', '\\\\')}'` : `'${safe}'`
}
