import type {TargetEnvironment} from '../catalogue/environments.ts'
import type {Letter} from './letter.ts'
import type {ReplayServices} from './replay-letter.ts'
import {planReplay} from './replay-plan.ts'
import {replayCommand} from './replay-report.ts'

/** What a replay would do with each letter, for a person and for a program. @throws UnavailableError */
export async function previewReplays(
  services: Omit<ReplayServices, 'publisher'>,
  letters: readonly Letter[],
  environment: TargetEnvironment,
): Promise<{text: string; json: Record<string, unknown>}[]> {
  const previews: {text: string; json: Record<string, unknown>}[] = []
  for (const letter of letters) {
    const history = letter.runId === undefined ? [] : await services.ledger.history(letter.runId)
    const plan = planReplay(letter, {...services, history, now: services.now()})
    const name = `${letter.id}  ${letter.runId ?? letter.job ?? 'unknown job'}`
    const text =
      plan.kind === 'publish'
        ? `would be published to ${plan.topic}${plan.warning === undefined ? '' : ` (warning: ${plan.warning})`}`
        : plan.kind === 'clear'
          ? `would be cleared, nothing runs: ${plan.reason}`
          : `would stay: ${plan.reason}${plan.isForceable ? ` (${replayCommand(environment, letter.id, true)})` : ''}`
    previews.push({
      text: `${name}  ${text}`,
      json: {
        deadLetter: letter.id,
        job: letter.job ?? null,
        runId: letter.runId ?? null,
        would: plan.kind,
        reason: plan.kind === 'publish' ? (plan.warning ?? null) : plan.reason,
        topic: plan.kind === 'publish' ? plan.topic : null,
        attributes: plan.kind === 'publish' ? plan.message.attributes : null,
      },
    })
  }
  return previews
}
