import type {TargetEnvironment} from '../catalogue/environments.ts'
import type {DeadLetter} from './dead-letter.ts'
import type {ReplayServices} from './replay-dead-letter.ts'
import {planReplay} from './replay-plan.ts'
import {replayCommand} from './replay-report.ts'

/** What a replay would do with each letter, for a person and for a program. @throws UnavailableError */
export async function previewReplays(
  services: Omit<ReplayServices, 'publisher'>,
  deadLetters: readonly DeadLetter[],
  environment: TargetEnvironment,
): Promise<{text: string; json: Record<string, unknown>}[]> {
  const previews: {text: string; json: Record<string, unknown>}[] = []
  for (const deadLetter of deadLetters) {
    const history = deadLetter.runId === undefined ? [] : await services.ledger.history(deadLetter.runId)
    const plan = planReplay(deadLetter, {...services, history, now: services.now()})
    const name = `${deadLetter.id}  ${deadLetter.runId ?? deadLetter.job ?? 'unknown job'}`
    const text =
      plan.kind === 'publish'
        ? `would be published to ${plan.topic}${plan.warning === undefined ? '' : ` (warning: ${plan.warning})`}`
        : plan.kind === 'clear'
          ? `would be cleared, nothing runs: ${plan.reason}`
          : `would stay: ${plan.reason}${plan.isForceable ? ` (${replayCommand(environment, deadLetter.id, true)})` : ''}`
    previews.push({
      text: `${name}  ${text}`,
      json: {
        deadLetter: deadLetter.id,
        job: deadLetter.job ?? null,
        runId: deadLetter.runId ?? null,
        would: plan.kind,
        reason: plan.kind === 'publish' ? (plan.warning ?? null) : plan.reason,
        topic: plan.kind === 'publish' ? plan.topic : null,
        attributes: plan.kind === 'publish' ? plan.message.attributes : null,
      },
    })
  }
  return previews
}
