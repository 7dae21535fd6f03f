import {visible} from '../base/text.ts'
import {duration, full} from '../base/time.ts'
import type {Bar} from '../base/wire.ts'
import {outcomeStyles} from './outcome.tsx'

const rowHeight = 22
const width = 1000

/** Attempts, waits and leases of one run below each other, on its own time axis. */
export function Waterfall({bars, now}: {bars: readonly Bar[]; now: Date}) {
  const [first] = bars
  if (first === undefined) return <p class="none">Nothing has started.</p>
  const from = Date.parse(first.from)
  const to = Math.max(from + 1000, ...bars.map(bar => (bar.to === null ? now.getTime() : Date.parse(bar.to))))
  const x = (moment: number) => ((moment - from) / (to - from)) * width
  return (
    <div class="waterfall">
      <svg
        viewBox={`0 0 ${width} ${bars.length * rowHeight}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${bars.length} stretches over ${duration(to - from)}`}
      >
        {bars.map((bar, index) => {
          const start = x(Date.parse(bar.from))
          const end = x(bar.to === null ? now.getTime() : Date.parse(bar.to))
          return (
            <rect
              key={`${bar.attempt} ${bar.type} ${bar.from}`}
              class={`bar ${bar.type} ${outcomeStyles[bar.outcome].tone}`}
              x={start}
              y={index * rowHeight + 3}
              width={Math.max(3, end - start)}
              height={rowHeight - 6}
            >
              <title>{`${bar.type} ${bar.attempt}: ${full(bar.from)}`}</title>
            </rect>
          )
        })}
      </svg>
      <ol>
        {bars.map(bar => (
          <li key={`${bar.attempt} ${bar.type} ${bar.from}`} style={{height: `${rowHeight}px`}}>
            {bar.type === 'attempt'
              ? `attempt ${bar.attempt}${bar.part > 1 ? `, part ${bar.part}` : ''}: ${bar.outcome}`
              : bar.type}{' '}
            {duration((bar.to === null ? now.getTime() : Date.parse(bar.to)) - Date.parse(bar.from))}
            <span class="muted"> {visible(bar.text, 120)}</span>
          </li>
        ))}
      </ol>
    </div>
  )
}
