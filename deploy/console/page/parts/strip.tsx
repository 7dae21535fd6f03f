import {toRunHash} from '../base/route.ts'
import {dayTime, duration} from '../base/time.ts'
import type {RunRow} from '../base/wire.ts'
import {outcomeStyles} from './outcome.tsx'

const barWidth = 7
const height = 26

/** The last runs of a job: height is duration (logarithmic), shape and colour the outcome, a gap a missed slot. */
export function Strip({runs, job, isKnown}: {runs: readonly RunRow[]; job: string; isKnown: boolean}) {
  const longest = Math.max(1000, ...runs.map(({durationMilliseconds}) => durationMilliseconds ?? 0))
  const scale = (milliseconds: number) =>
    5 + (height - 5) * (Math.log(1 + milliseconds / 100) / Math.log(1 + longest / 100))
  if (runs.length === 0) return <span class="none">{isKnown ? 'no run yet' : 'runs unknown'}</span>
  return (
    <svg class="strip" width={runs.length * barWidth} height={height} aria-label={describe(runs, job)}>
      {runs.map((run, index) => {
        const {tone} = outcomeStyles[run.outcome]
        const size = run.outcome === 'missed' ? 5 : scale(run.durationMilliseconds ?? 0)
        const x = index * barWidth
        return (
          <a key={run.runId} href={toRunHash(run)} aria-label={`${run.outcome}, ${dayTime(run.at)} UTC`}>
            <title>{`${dayTime(run.at)} UTC: ${run.outcome}${run.durationMilliseconds === null ? '' : ` in ${duration(run.durationMilliseconds)}`}`}</title>
            <rect class="hit" x={x} y={0} width={barWidth} height={height} />
            <Shape tone={tone} outcome={run.outcome} x={x} size={size} />
          </a>
        )
      })}
    </svg>
  )
}

/** Good: a solid bar. Bad: a bar with a notch. Warning: a bar cut slantwise. Missed: a ring. */
function Shape({tone, outcome, x, size}: {tone: string; outcome: string; x: number; size: number}) {
  const width = barWidth - 2
  const top = height - size
  if (outcome === 'missed') return <circle class="ring" cx={x + width / 2} cy={height - 4} r={2.5} />
  if (tone === 'bad') {
    return <path class={tone} d={`M${x} ${height}V${top}L${x + width / 2} ${top + 4}L${x + width} ${top}V${height}Z`} />
  }
  if (tone === 'warn') return <path class={tone} d={`M${x} ${height}V${top + 4}L${x + width} ${top}V${height}Z`} />
  if (tone === 'quiet') return <rect class={tone} x={x} y={height - 3} width={width} height={3} />
  return <rect class={tone} x={x} y={top} width={width} height={size} />
}

function describe(runs: readonly RunRow[], job: string): string {
  const counts = Map.groupBy(runs, ({outcome}) => outcome)
  return `The last ${runs.length} runs of ${job}: ${[...counts].map(([outcome, own]) => `${own.length} ${outcome}`).join(', ')}`
}
