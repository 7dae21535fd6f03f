import type {NewJob} from './new-job.ts'

export type NewFile = {
  /** Below the project's root. */
  readonly path: string
  readonly text: string
}

/** The files of a new job, formatted as `npm run check` wants them. */
export function newFiles(job: NewJob): NewFile[] {
  return [
    {path: job.path, text: jobText(job)},
    {path: `test/${job.path.replace(/\.ts$/, '.test.ts')}`, text: testText(job)},
    {path: `lib/admin-api/${job.operation}-operations.ts`, text: operationText(job)},
    {path: `deploy/local/admin-api/${job.operation}-routes.ts`, text: routeText(job)},
  ]
}

function jobText({words, schedule, shortcuts, method}: NewJob): string {
  const timing = schedule === undefined ? '' : `  schedule: '${schedule}',\n  missed: 'latest',\n`
  return `${importLine('* as z', 'zod')}
${importLine('{defineJob}', '../../lib/job/job.ts')}
${importLine('{failed, succeeded}', '../../lib/job/outcome.ts')}

/*
 * What this job is for and what it changes belongs here. Idempotent: as it was made it changes nothing. Where running it
 * twice does harm, declare \`idempotent: false\`, and \`manualCheck\`: what a person checks when its outcome is unknown.
 */
export default defineJob({
  summary: 'Runs the ${words} of every active organization.',
  context: 'OpenClaw running the ${words} for all orgs',
${timing}  shortcuts: [${shortcuts.map(name => `'${name}'`).join(', ')}],
  idempotent: true,
  args: z.strictObject({}),
  secrets: ['CA_ROOT_API_KEY'],
  async run({api, log}) {
    const {success, orgs_processed, message} = await api.${method}()
    log.info(\`the API's answer: \${message}\`)
    const counts = {orgsProcessed: orgs_processed}
    if (!success) return failed(\`the API could not run the ${words}: \${message}\`, counts)
    return succeeded(\`${words} of \${orgs_processed} organizations\`, counts)
  },
})
`
}

function testText({name, path, method, words}: NewJob): string {
  return `${importLine('assert', 'node:assert/strict')}
${importLine('sinon', 'sinon')}
${importLine('job', `../../../${path}`)}
${importLine('{createApiAttempts}', '../../support/api-attempt.ts')}
${importLine('{runJob}', '../../support/job-run.ts')}

describe('${name}', () => {
  const attempts = createApiAttempts()
  afterEach(() => attempts.stopAll())

  it('succeeds with what the API answers', async () => {
    const {api, emulator} = await attempts.start()
    const {outcome} = await runJob(job, {api})
    assert.deepEqual([outcome.event, outcome.summary], ['succeeded', '${words} of 12 organizations'])
    assert.equal(emulator.requestLog.done.length, 1)
  })

  it('fails with the words of the API when that says success false', async () => {
    const ${method} = sinon.fake.resolves({success: false, orgs_processed: 3, message: 'broken'})
    const {outcome} = await runJob(job, {api: {${method}}})
    assert.deepEqual([outcome.event, outcome.counts], ['failed', {orgsProcessed: 3}])
    assert.match(outcome.summary, /broken$/)
  })
})
`
}

function operationText({operation, method, words}: NewJob): string {
  const type = `${method.slice('run'.length)}Operations`
  return `${importLine('* as z', 'zod')}
${importLine('{longTimeoutSeconds}', '../http/long-timeout.ts')}
${importLine('type {CreateOperations}', './operation.ts')}

const answerSchema = z.object({success: z.boolean(), orgs_processed: z.number(), message: z.string()})

type ${type} = {
  /** What the API does, what its answer's fields mean, and what it must not be asked twice belongs here. */
  readonly ${method}: () => Promise<z.infer<typeof answerSchema>>
}

declare module './admin-api.ts' {
  interface AdminApi extends ${type} {}
}

const create${type} = (call => ({
  ${method}: () =>
    call({
      name: '${words}',
      method: 'POST',
      path: '/api/v1/admin/${operation}',
      json: {},
      timeoutSeconds: longTimeoutSeconds,
      isIdempotent: true,
      answer: answerSchema,
    }),
})) satisfies CreateOperations
export default create${type}
`
}

function routeText({operation, method, words}: NewJob): string {
  const create = `create${method.slice('run'.length)}Routes`
  return `${importLine('type {Call, CreateRoutes}', './route.ts')}

/** What the API does, refusals and oddities included, belongs here: the sandbox and the tests meet this. */
const ${create}: CreateRoutes = ({organizations, secondsFor}) => {
  return [
    {
      operation: '${operation}',
      method: 'POST',
      path: '/api/v1/admin/${operation}',
      prepare: () => ({work: run}),
    },
  ]

  async function run(call: Call) {
    const active = organizations.list('ACTIVE')
    for (const {profile} of active) await call.pause(secondsFor(profile.org_slug))
    return {success: true, orgs_processed: active.length, message: \`${words}: \${active.length} orgs\`}
  }
}
export default ${create}
`
}

/** Put together here, so that nothing takes the text for an import of this file. */
function importLine(what: string, from: string): string {
  return `import ${what} from '${from}'`
}
