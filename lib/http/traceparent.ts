/**
 * The trace context for a request that is part of a delivery: the delivery's trace, with a span of the request's own.
 * Source: W3C Trace Context, "traceparent header".
 *
 * @param traceparent of the delivery.
 * @param random from 0 to 1.
 * @returns undefined where the delivery has none, or one that isn't valid.
 */
export function childTraceparent(traceparent: string | undefined, random: () => number): string | undefined {
  const match = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/.exec(traceparent ?? '')
  const [, traceId = '', parentId = '', flags = ''] = match ?? []
  if (match === null || traceparent?.startsWith('ff') || /^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined
  return `00-${traceId}-${spanId(random)}-${flags}`
}

function spanId(random: () => number): string {
  const half = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  const id = half() + half()
  // All zeros is not a span.
  return /^0+$/.test(id) ? '0000000000000001' : id
}
