import type {TargetEnvironment} from '../catalogue/environments.ts'
import type {DeadLetter} from './dead-letter.ts'
import {missingText} from './missing-text.ts'
import type {ReplayServices} from './replay-dead-letter.ts'
import {planReplay, type ReplayPlan} from './replay-plan.ts'
import {replayCommand} from './replay-report.ts'

/** What a replay would do with a dead letter, for the command and for the console. */
export type ReplayPreview = {
  readonly deadLetter: DeadLetter
  readonly plan: ReplayPlan
  readonly verdict: 'goes' | 'is cleared' | 'stays'
  /** Where it goes to, and what is known to happen there; or why it doesn't go. */
  readonly why: string
}

/** What a replay would do with each dead letter. @throws UnavailableError */
export async function previewReplays(
  services: Omit<ReplayServices, 'publisher'>,
  deadLetters: readonly DeadLetter[],
): Promise<ReplayPreview[]> {
  // One statement for all: each costs at least 10 MB.
  const histories = await services.ledger.histories([...new Set(deadLetters.flatMap(({runId}) => runId ?? []))])
  return deadLetters.map(deadLetter => {
    const history = histories.get(deadLetter.runId ?? '') ?? []
    const plan: ReplayPlan = deadLetter.isAvailable
      ? planReplay(deadLetter, {...services, history, now: services.now()})
      : {kind: 'refuse', reason: missingText([deadLetter.id]), isForceable: false}
    return {deadLetter, plan, ...describe(plan)}
  })
}

function describe(plan: ReplayPlan): Pick<ReplayPreview, 'verdict' | 'why'> {
  if (plan.kind === 'clear') return {verdict: 'is cleared', why: `nothing runs: ${plan.reason}`}
  if (plan.kind === 'refuse') return {verdict: 'stays', why: plan.reason}
  return {
    verdict: 'goes',
    why: `published to ${plan.topic}${plan.warning === undefined ? '' : ` (${plan.warning})`}`,
  }
}

/** For a person at a terminal. */
export function formatReplayPreview({deadLetter, plan, verdict, why}: ReplayPreview, environment: TargetEnvironment) {
  const {id, runId, job} = deadLetter
  const name = `${id}  ${runId ?? job ?? 'unknown job'}`
  if (verdict === 'goes') return `${name}  would be ${why}`
  if (verdict === 'is cleared') return `${name}  would be cleared, ${why}`
  const isForceable = plan.kind === 'refuse' && plan.isForceable
  return `${name}  would stay: ${why}${isForceable ? `\n  To replay anyway: ${replayCommand(environment, id, true)}` : ''}`
}

/** For a program: what `replay --dry-run --json` prints. */
export function toReplayPreviewJson({deadLetter, plan}: ReplayPreview): Record<string, unknown> {
  return {
    deadLetter: deadLetter.id,
    job: deadLetter.job ?? null,
    runId: deadLetter.runId ?? null,
    would: plan.kind,
    reason: plan.kind === 'publish' ? (plan.warning ?? null) : plan.reason,
    topic: plan.kind === 'publish' ? plan.topic : null,
    attributes: plan.kind === 'publish' ? plan.message.attributes : null,
  }
}
