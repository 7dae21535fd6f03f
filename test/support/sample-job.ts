import * as z from 'zod'
import {defineJob, type Job, type JobDeclaration, toJob} from '../../lib/job/job.ts'
import {succeeded} from '../../lib/job/outcome.ts'

/** What a declaration needs at least; it succeeds, and takes one argument. */
export function createDeclaration(
  given: Partial<JobDeclaration> = {},
): JobDeclaration & {readonly manualCheck: string} {
  return {
    summary: 'Does nothing.',
    context: 'OpenClaw doing nothing',
    shortcuts: [],
    idempotent: true,
    args: z.strictObject({org: z.string().optional().describe('an organization')}),
    secrets: ['CA_ROOT_API_KEY'],
    run: async () => succeeded('nothing done', {done: 1}),
    ...(given.schedule === undefined ? {} : {missed: 'each'}),
    ...given,
    manualCheck: given.manualCheck ?? 'Check what the sample did.',
  }
}

/** A job that no file declares. */
export function createSampleJob(given: Partial<JobDeclaration> & {readonly path?: string} = {}): Job {
  const {path = 'functions/manual/sample.ts', ...declaration} = given
  return toJob(path, defineJob(createDeclaration(declaration)))
}
