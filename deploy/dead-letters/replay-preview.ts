import type {TargetEnvironment} from '../catalogue/environments.ts'
import type {DeadLetter} from './dead-letter.ts'
import {missingText} from './load-dead-letters.ts'
import type {ReplayServices} from './replay-dead-letter.ts'
import {planReplay, type ReplayPlan} from './replay-plan.ts'
import {replayCommand} from './replay-report.ts'

/** What a replay would do with each dead letter, for a person and for a program. @throws UnavailableError */
export async function previewReplays(
  services: Omit<ReplayServices, 'publisher'>,
  deadLetters: readonly DeadLetter[],
  environment: TargetEnvironment,
): Promise<{text: string; json: Record<string, unknown>}[]> {
  const histories = await services.ledger.histories([...new Set(deadLetters.flatMap(({runId}) => runId ?? []))])
  return deadLetters.map(deadLetter => {
    const {id, runId, job, isAvailable} = deadLetter
    const history = histories.get(runId ?? '') ?? []
    const plan: ReplayPlan = isAvailable
      ? planReplay(deadLetter, {...services, history, now: services.now()})
      : {kind: 'refuse', reason: missingText([id]), isForceable: false}
    return {
      text: `${id}  ${runId ?? job ?? 'unknown job'}  ${describe(plan, id, environment)}`,
      json: {
        deadLetter: id,
        job: job ?? null,
        runId: runId ?? null,
        would: plan.kind,
        reason: plan.kind === 'publish' ? (plan.warning ?? null) : plan.reason,
        topic: plan.kind === 'publish' ? plan.topic : null,
        attributes: plan.kind === 'publish' ? plan.message.attributes : null,
      },
    }
  })
}

function describe(plan: ReplayPlan, id: string, environment: TargetEnvironment): string {
  switch (plan.kind) {
    case 'publish':
      return `would be published to ${plan.topic}${plan.warning === undefined ? '' : ` (${plan.warning})`}`
    case 'clear':
      return `would be cleared, nothing runs: ${plan.reason}`
    case 'refuse':
      return `would stay: ${plan.reason}${plan.isForceable ? `\n  To replay anyway: ${replayCommand(environment, id, true)}` : ''}`
  }
}
