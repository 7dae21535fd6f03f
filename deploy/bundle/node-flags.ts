/**
 * How a function's process starts. Command-line flags leave NODE_OPTIONS alone: what the build packs put there
 * (`--max-old-space-size`, by the function's memory) holds too.
 */
export const nodeFlags = {
  options: [
    // One event at a time: a large young generation is memory that is filled only once.
    '--max-semi-space-size=1',
    // The HTTP parser of Node's fetch is WebAssembly, and a first event is enough for V8 to optimise it: 12 MB, and a sixth
    // of the CPU to the first answer, for calls that then wait for the network. PostgreSQL's parser in supabase-migrate takes
    // half the time without it as well (1.2 MB of SQL: 0.6 s, not 1.1). A flag of V8 13.6, which Node 24 keeps.
    '--liftoff-only',
  ],
  // glibc's arenas are memory for threads that don't allocate.
  env: {MALLOC_ARENA_MAX: '1'},
} as const

/** The first line of the function's command. */
export function toShebang({options, env}: typeof nodeFlags): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  return `#!/usr/bin/env -S ${[...variables, 'node', ...options].join(' ')}`
}
