import * as z from 'zod'

/** google.protobuf.Duration as the protobuf loader gives and takes it. */
export const protoDuration = z.object({seconds: z.number().default(0), nanos: z.number().default(0)})

export type ProtoDuration = z.infer<typeof protoDuration>

export function toMilliseconds({seconds, nanos}: ProtoDuration): number {
  return seconds * 1000 + nanos / 1e6
}

/** As proto3 JSON writes it, with 0, 3, 6 or 9 digits after the point: `600s`, `0.100s`. */
export function formatDuration({seconds, nanos}: ProtoDuration): string {
  const sign = seconds < 0 || nanos < 0 ? '-' : ''
  const digits = String(Math.abs(nanos))
    .padStart(9, '0')
    .replace(/(?:000)+$/, '')
  const fraction = digits === '' ? '' : `.${digits}`
  return `${sign}${Math.abs(seconds)}${fraction}s`
}

/** The inverse of {@link formatDuration}; undefined when the text is none. */
export function readDuration(text: string): ProtoDuration | undefined {
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/.exec(text)
  if (match === null) return undefined
  const [, sign, seconds = '', fraction = ''] = match
  const direction = sign === '-' ? -1 : 1
  // `|| 0` keeps a minus zero out, which would be written as one.
  return {
    seconds: direction * Number(seconds) || 0,
    nanos: direction * Number(fraction.padEnd(9, '0')) || 0,
  }
}
