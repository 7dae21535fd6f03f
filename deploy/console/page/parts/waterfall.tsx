import {visible} from '../base/text.ts'
import {duration, full, time} from '../base/time.ts'
import type {Bar} from '../base/wire.ts'
import {outcomeStyles} from './outcome.tsx'

const rowHeight = 26
const width = 1000

/** Attempts, waits and leases of one run below each other, on its own time axis. */
export function Waterfall({bars, now}: {bars: readonly Bar[]; now: Date}) {
  const [first] = bars
  if (first === undefined) return <p class="none">Nothing has started.</p>
  const endOf = (bar: Bar) => (bar.to === null ? now.getTime() : Date.parse(bar.to))
  const from = Date.parse(first.from)
  const to = Math.max(from + 1000, ...bars.map(endOf))
  const x = (moment: number) => ((moment - from) / (to - from)) * width
  return (
    <div class="waterfall">
      <ol>
        {bars.map(bar => (
          <li
            key={`${bar.attempt} ${bar.type} ${bar.from}`}
            style={{height: `${rowHeight}px`}}
            title={visible(bar.text, 500)}
          >
            <span class={bar.type === 'attempt' ? '' : 'muted'}>
              {bar.type === 'attempt' ? describeAttempt(bar) : bar.type}
            </span>
            <span class="muted">{duration(endOf(bar) - Date.parse(bar.from))}</span>
          </li>
        ))}
      </ol>
      <svg
        viewBox={`0 0 ${width} ${bars.length * rowHeight}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${bars.length} stretches over ${duration(to - from)}`}
        style={{height: `${bars.length * rowHeight}px`}}
      >
        {bars.map((bar, index) => (
          <rect
            key={`${bar.attempt} ${bar.type} ${bar.from}`}
            class={`bar ${bar.type} ${outcomeStyles[bar.outcome].tone}`}
            x={x(Date.parse(bar.from))}
            y={index * rowHeight + (bar.type === 'attempt' ? 5 : 10)}
            width={Math.max(3, x(endOf(bar)) - x(Date.parse(bar.from)))}
            height={bar.type === 'attempt' ? rowHeight - 10 : rowHeight - 20}
          >
            <title>{`${bar.type} ${bar.attempt}: ${full(bar.from)}. ${visible(bar.text, 300)}`}</title>
          </rect>
        ))}
      </svg>
      <p class="ends muted">
        <span>{time(new Date(from))}</span>
        <span>{duration((to - from) / 2)}</span>
        <span>{time(new Date(to))} UTC</span>
      </p>
    </div>
  )
}

function describeAttempt({attempt, part, outcome}: Bar): string {
  return `${outcomeStyles[outcome].mark} attempt ${attempt}${part > 1 ? `, part ${part}` : ''}: ${outcome}`
}
