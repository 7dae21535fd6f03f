/**
 * How a function's process starts. Command-line flags leave NODE_OPTIONS alone: what the build packs put there
 * (`--max-old-space-size`, by the function's memory) holds too.
 */
export const nodeFlags = {
  // One event at a time: a large young generation is memory that is filled only once. No flag that V8 compiles by (such as
  // --liftoff-only): Node then can't use what it compiled of itself, which costs a quarter of the time to ready.
  options: ['--max-semi-space-size=2'],
  // glibc's arenas are memory for threads that don't allocate.
  env: {MALLOC_ARENA_MAX: '1'},
} as const

/** The first line of the function's command. */
export function toShebang({options, env}: typeof nodeFlags): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  return `#!/usr/bin/env -S ${[...variables, 'node', ...options].join(' ')}`
}
