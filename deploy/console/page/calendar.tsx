import {dayOf} from './base/time.ts'
import {useView} from './base/use-view.ts'
import type {Overview, RunRow} from './base/wire.ts'
import {outcomeStyles} from './parts/outcome.tsx'
import {Scroll} from './parts/scroll.tsx'

const days = 30

/** Each scheduled job's slots by day: ran, failed, missed; the days to come stay empty. */
export function Calendar() {
  const {view} = useView<Overview>('/overview')
  if (view === undefined) return null
  const today = Math.floor(Date.now() / 86_400_000)
  const columns = Array.from({length: days}, (_, index) => today - days + 1 + index)
  const scheduled = view.data.jobs.filter(({cron}) => cron !== null)
  return (
    <section aria-labelledby="calendar">
      <h2 id="calendar">Slots of the last {days} days</h2>
      <Scroll label="Slots by day">
        <table class="calendar">
          <thead>
            <tr>
              <th scope="col">Job</th>
              {columns.map(day => (
                <th scope="col" key={day}>
                  <span class="day">{dayOf(new Date(day * 86_400_000)).slice(0, 2)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {scheduled.map(job => (
              <tr key={job.name}>
                <th scope="row">{job.name}</th>
                {columns.map(day => (
                  <Cell
                    key={day}
                    runs={job.strip.filter(run => Math.floor(Date.parse(slotOf(run)) / 86_400_000) === day)}
                    day={day}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  )
}

/** `daily-alerts@2026-11-26T08:00` holds its slot; a run by hand counts on the day it started. */
function slotOf({runId, at}: RunRow): string {
  const slot = /@(\d{4}-\d\d-\d\dT\d\d:\d\d)/.exec(runId)?.[1]
  return slot === undefined ? at : `${slot}Z`
}

function Cell({runs, day}: {runs: readonly RunRow[]; day: number}) {
  const worst = runs.toSorted((a, b) => rank(b) - rank(a))[0]
  if (worst === undefined) return <td aria-label="nothing" />
  const {mark, tone} = outcomeStyles[worst.outcome]
  return (
    <td class={tone}>
      <a
        href={`#/runs/${encodeURIComponent(worst.runId)}`}
        title={`${dayOf(new Date(day * 86_400_000))}: ${worst.outcome}`}
        aria-label={`${dayOf(new Date(day * 86_400_000))}: ${worst.outcome}`}
      >
        {mark}
      </a>
    </td>
  )
}

function rank({outcome}: RunRow): number {
  return {bad: 4, warn: 3, live: 2, good: 1, quiet: 0}[outcomeStyles[outcome].tone]
}
