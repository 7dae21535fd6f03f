import * as z from 'zod'
import type {Job} from '../../lib/job/job.ts'
import {manualCheckOf} from '../../lib/job/manual-check.ts'
import {toIssueText} from '../../lib/log/issue-line.ts'
import {findJob} from '../catalogue/catalogue.ts'
import type {TargetEnvironment} from '../catalogue/environments.ts'
import {quote} from '../cli/quote.ts'
import {UsageError} from '../cli/usage-error.ts'
import type {Session} from '../environment/session.ts'
import {parseJobArguments, readJobArguments, unwrap} from '../publish/job-arguments.ts'
import {planRun, publishRun} from '../publish/publish-run.ts'
import type {ArgumentField, PublishCheck, PublishForm} from './page/base/wire.ts'

/** A form from the job's own schema. */
export function toPublishForm(job: Job, {projectId}: Pick<TargetEnvironment, 'projectId'>): PublishForm {
  return {
    job: job.name,
    summary: job.summary,
    context: job.context,
    isIdempotent: job.isIdempotent({}),
    manualCheck: manualCheckOf(job, projectId) ?? null,
    fields: Object.entries(job.args.shape).flatMap(([name, schema]) => toField(name, schema) ?? []),
  }
}

/** What is wrong with what was typed, beside the field that it is about, and the command that does the same. */
export function checkPublish(job: Job, pairs: readonly string[], env: string): PublishCheck {
  const command = ['npm run publish --', job.name, env, ...pairs.map(pair => `--arg ${quote(pair)}`)].join(' ')
  try {
    const issues = job.args.safeParse(readJobArguments(job, pairs)).error?.issues ?? []
    return {
      problems: Object.fromEntries(issues.map(issue => [String(issue.path[0] ?? ''), toIssueText(issue)])),
      command,
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return {problems: {'': error.message}, command}
  }
}

/** @returns the run's id. @throws UsageError for arguments that the job refuses; UnavailableError. */
export async function publishFromPage(session: Session, name: string, pairs: readonly string[]): Promise<string> {
  const job = findJob(session.jobs, name)
  const planned = planRun({job, environment: session.environment, args: parseJobArguments(job, pairs)})
  await publishRun(session, planned)
  return planned.runId
}

function toField(name: string, schema: unknown): ArgumentField | undefined {
  const inner = unwrap(schema)
  if (inner instanceof z.ZodObject) return undefined
  const outer = schema instanceof z.ZodType ? schema.description : undefined
  const description = outer ?? (inner instanceof z.ZodType ? (inner.description ?? '') : '')
  const fallback = defaultOf(schema)
  const common = {name, description, choices: [], defaultValue: fallback === undefined ? '' : String(fallback)}
  if (inner instanceof z.ZodBoolean) return {...common, type: 'boolean'}
  if (inner instanceof z.ZodNumber) return {...common, type: 'number'}
  if (inner instanceof z.ZodEnum) return {...common, type: 'choice', choices: inner.options.map(String)}
  if (inner instanceof z.ZodArray) {
    const element = unwrap(inner.element)
    return {...common, type: 'list', choices: element instanceof z.ZodEnum ? element.options.map(String) : []}
  }
  return {...common, type: 'text'}
}

function defaultOf(schema: unknown): unknown {
  return schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined
}
