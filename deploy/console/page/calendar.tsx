import {useEffect, useRef} from 'preact/hooks'
import {dayOf, duration, full, monthOf} from './base/time.ts'
import {useView} from './base/use-view.ts'
import type {SlotCalendar, SlotCell, SlotState} from './base/wire-views.ts'
import {outcomeStyles} from './parts/outcome.tsx'
import {Scroll} from './parts/scroll.tsx'

const dayMilliseconds = 86_400_000
const daysBehind = 30
const daysAhead = 7

/** Shape, and the word that stands in the legend, in tooltips and for screen readers. */
const states: readonly (readonly [state: SlotState, mark: string, about: string])[] = [
  ['ran', '✔', 'ran in time, with its outcome'],
  ['late', '✔', 'late: began over 5 min after its slot, or is overdue'],
  ['missed', '○', 'missed: opens the catch-up'],
  ['paused', '‖', 'paused'],
  ['due', '◷', 'due just now'],
  ['to come', '', 'to come'],
  ['off', '∅', 'nothing fires its schedule'],
  ['unknown', '?', 'unknown'],
]

/** Each scheduled job's slots, a day a column: ran, late, missed, paused, or to come. It moves with the timeline's address. */
export function Calendar({until}: {until: number | undefined}) {
  const today = Math.floor(Date.now() / dayMilliseconds)
  const last = until === undefined ? today + daysAhead : Math.floor(until / dayMilliseconds)
  const first = last - daysBehind - daysAhead + 1
  const iso = (day: number) => new Date(day * dayMilliseconds).toISOString()
  const {view, trouble} = useView<SlotCalendar>(`/calendar?from=${iso(first)}&to=${iso(last + 1)}`)
  const days = Array.from({length: last - first + 1}, (_, index) => first + index)
  return (
    <section aria-labelledby="calendar">
      <h2 id="calendar">
        Slots by day, {dayOf(new Date(iso(first)))} to {dayOf(new Date(iso(last)))} UTC
      </h2>
      {trouble !== undefined && <p role="alert">{trouble}</p>}
      {view === undefined ? <p class="loading">Reading…</p> : <Table days={days} today={today} jobs={view.data.jobs} />}
      <ul class="legend muted">
        {states.map(([state, mark, about]) => (
          <li key={state}>
            <span
              class={`slot ${toClass(state)} ${state === 'missed' ? 'bad' : state === 'ran' || state === 'late' ? 'good' : 'quiet'}`}
              aria-hidden="true"
            >
              {mark}
            </span>
            {about}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Table({days, today, jobs}: {days: readonly number[]; today: number; jobs: SlotCalendar['jobs']}) {
  const table = useRef<HTMLTableElement>(null)
  // Where the window is narrow, what matters is today's end.
  useEffect(() => {
    const scroll = table.current?.parentElement
    const column = table.current?.querySelector<HTMLElement>('.today')
    if (scroll && column) scroll.scrollLeft = column.offsetLeft + column.offsetWidth * 2 - scroll.clientWidth
  }, [days[0]])
  const months = [...Map.groupBy(days, day => monthOf(new Date(day * dayMilliseconds)))]
  return (
    <Scroll label="Slots by day">
      <table class="calendar" ref={table}>
        <thead>
          <tr>
            <td />
            {months.map(([month, own]) => (
              <th key={month} scope="colgroup" colSpan={own.length}>
                {own.length > 3 ? month : month.slice(0, 3)}
              </th>
            ))}
            <td />
          </tr>
          <tr>
            <th scope="col">Job</th>
            {days.map(day => (
              <th scope="col" key={day} class={dayClass(day, today)}>
                <abbr title={day === today ? 'today' : dayOf(new Date(day * dayMilliseconds))}>
                  {new Date(day * dayMilliseconds).getUTCDate()}
                </abbr>
              </th>
            ))}
            <th scope="col">In words</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map(({job, slots}) => {
            const byDay = Map.groupBy(slots, ({at}) => Math.floor(Date.parse(at) / dayMilliseconds))
            return (
              <tr key={job} data-row>
                <th scope="row">{job}</th>
                {days.map(day => (
                  <Cell key={day} slots={byDay.get(day) ?? []} className={dayClass(day, today)} />
                ))}
                <td class="words muted">{describe(slots)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </Scroll>
  )
}

function dayClass(day: number, today: number): string {
  // The first of January 1970 was a Thursday.
  const isWeekend = (day + 4) % 7 === 0 || (day + 4) % 7 === 6
  return day === today ? 'today' : isWeekend ? 'weekend' : ''
}

/** The worst of a day's slots, and how many there are. */
function Cell({slots, className}: {slots: readonly SlotCell[]; className: string}) {
  const worst = slots.toSorted((a, b) => rank(b) - rank(a))[0]
  if (worst === undefined) return <td class={className} />
  const {state, outcome, runId} = worst
  const style = outcome === null ? undefined : outcomeStyles[outcome]
  const tone = state === 'missed' ? 'bad' : state === 'ran' || state === 'late' ? (style?.tone ?? 'warn') : 'quiet'
  const mark =
    state === 'ran' || state === 'late' ? (style?.mark ?? '') : (states.find(([name]) => name === state)?.[1] ?? '')
  const more = slots.length > 1 ? `; ${slots.length} slots on this day` : ''
  const label = `${describeSlot(worst)}${more}`
  const shape = `slot ${toClass(state)} ${tone}`
  const address =
    state === 'missed' ? `#/timeline?slot=${encodeURIComponent(runId)}` : `#/runs/${encodeURIComponent(runId)}`
  const isLink = state === 'missed' || worst.startedAt !== null
  return (
    <td class={className}>
      {isLink ? (
        <a class={shape} href={address} title={label} aria-label={label} data-slot={worst.at}>
          {mark}
        </a>
      ) : (
        <span class={shape} role="img" title={label} aria-label={label} data-slot={worst.at}>
          {mark}
        </span>
      )}
    </td>
  )
}

/** `late: succeeded, began 25 min after its slot of 26 Nov 2026, 08:00:00 UTC · …` */
function describeSlot({at, state, outcome, startedAt}: SlotCell): string {
  const slot = `slot of ${full(at)}`
  switch (state) {
    case 'ran':
      return `${outcome}, ${slot}`
    case 'late': {
      if (startedAt === null) return `late: overdue, ${slot}`
      return `late: ${outcome}, began ${duration(Date.parse(startedAt) - Date.parse(at))} after its ${slot}`
    }
    case 'missed':
      return `missed, ${slot}: catch up`
    default:
      return `${state}, ${slot}`
  }
}

/** `28 ran, 1 late, 1 missed`. */
function describe(slots: readonly SlotCell[]): string {
  const counted = Map.groupBy(slots, ({state}) => state)
  return states.flatMap(([state]) => (counted.has(state) ? [`${counted.get(state)?.length} ${state}`] : [])).join(', ')
}

function toClass(state: SlotState): string {
  return state.replace(' ', '-')
}

function rank({state, outcome}: SlotCell): number {
  if (state === 'missed') return 9
  if (state === 'unknown') return 8
  const tone = outcome === null ? 0 : {bad: 7, warn: 5, live: 3, good: 2, quiet: 1}[outcomeStyles[outcome].tone]
  return state === 'late' ? Math.max(4, tone) : tone
}
