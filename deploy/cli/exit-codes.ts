/** What the commands exit with. */
export const exitCodes = {done: 0, failed: 1, usage: 2, partial: 3, interrupted: 130} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
