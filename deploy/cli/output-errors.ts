import * as z from 'zod'
import {exitCodes} from './exit-codes.ts'

const systemError = z.object({code: z.string()})

/** What a shell makes of a process that SIGPIPE ended: 128 + 13. */
const brokenPipe = 141

/**
 * Watches standard output and standard error: a reader that left (`| head`) or a full disk is no reason for a stack
 * trace. Without a listener Node throws such an error, in the middle of whatever the command is doing.
 *
 * @param onBroken told once when standard output takes no more.
 */
export function watchOutput(
  {stdout, stderr}: Pick<NodeJS.Process, 'stdout' | 'stderr'>,
  onBroken: () => void,
): {readonly exitCode: () => number | undefined} {
  let exitCode: number | undefined
  stdout.on('error', error => {
    if (exitCode !== undefined) return
    const {code} = systemError.safeParse(error).data ?? {}
    exitCode = code === 'EPIPE' ? brokenPipe : exitCodes.failed
    if (code !== 'EPIPE') stderr.write(`can't write the output: ${error.message}\n`)
    onBroken()
  })
  // Nothing is left to report it to.
  stderr.on('error', () => {})
  return {exitCode: () => exitCode}
}
