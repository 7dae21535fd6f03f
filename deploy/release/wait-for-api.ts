import timers from 'node:timers/promises'
import ky from 'ky'
import {toMessageText} from '../../lib/log/error-text.ts'
import {toPrintableLine} from '../../lib/log/printable.ts'

/**
 * Asks a URL until it answers with success.
 *
 * @param options.signal ends the wait.
 * @param options.onTry told why it is not there yet.
 * @returns false if the wait ended before.
 */
export async function waitForApi(
  url: string,
  options: {
    readonly pauseMilliseconds: number
    readonly signal: AbortSignal
    readonly onTry: (reason: string) => void
  },
): Promise<boolean> {
  const {pauseMilliseconds, signal, onTry} = options
  // Followed nowhere else: a redirect leads to a host that no configuration names.
  const api = ky.create({retry: 0, timeout: 10_000, throwHttpErrors: false, redirect: 'manual'})
  while (!signal.aborted) {
    try {
      const response = await api.get(url, {signal})
      await response.body?.cancel()
      if (response.ok) return true
      onTry(`it answers ${response.status}`)
    } catch (error) {
      if (!signal.aborted) onTry(toPrintableLine(toMessageText(error), 200))
    }
    await timers.setTimeout(pauseMilliseconds, undefined, {signal}).catch(() => undefined)
  }
  return false
}
