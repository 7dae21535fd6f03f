import {describeProgress, type ProgressView} from '../runs/describe-progress.ts'
import {retrySpacingOf} from '../runs/retry-delay.ts'
import type {RunProgress} from '../runs/run-progress.ts'
import {lastFailureText} from '../runs/short-reason.ts'
import {causesOfSilence} from '../runs/silent-run.ts'

/** What is said where the wait for a run ended before the run: how far it is, why as far as it is known, what to do. */
export function describeNoOutcome(
  progress: RunProgress,
  about: Omit<ProgressView, 'spacing'> & {
    readonly environmentName: string
    readonly runId: string
    readonly timeoutSeconds: number
    /** The sandbox was started for this command alone. */
    readonly isTemporary: boolean
    /** By Ctrl-C. */
    readonly isInterrupted: boolean
  },
): string {
  const {environmentName: env, runId, isTemporary, isInterrupted} = about
  const isSilent = progress.state === 'waiting' && !isInterrupted
  const goesOn = isTemporary
    ? 'The sandbox stops with this command; the run goes on when it is started again.'
    : `The run goes on${isSilent ? ' as soon as its message is delivered' : ''}.`
  const followIt = `Follow it: npm run runs -- ${env} ${runId} --follow`
  if (isInterrupted) return ['Interrupted.', goesOn, followIt].join('\n')
  const state = describeProgress(progress, {...about, spacing: retrySpacingOf(env)})
  const failure = progress.state === 'running' ? lastFailureText(progress.lastTrouble) : []
  const inItsWay = isSilent
    ? [['Possible causes:', ...causesOfSilence(env, runId)].join('\n  ')]
    : [`What may be in its way: npm run doctor -- ${env}`, `Its log lines: npm run logs -- ${env} ${runId}`]
  return [
    `No outcome within ${about.timeoutSeconds} s: ${state}.`,
    ...failure,
    goesOn,
    followIt,
    ...inItsWay,
    `To end it: npm run cancel -- ${env} ${runId}`,
  ].join('\n')
}
