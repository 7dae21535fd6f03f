import type {ComponentChildren} from 'preact'
import {useEffect, useMemo, useRef} from 'preact/hooks'
import {go, type Route, toHash, toRunHash} from './base/route.ts'
import {visible} from './base/text.ts'
import {ticksOf} from './base/ticks.ts'
import {dayTime, duration, full} from './base/time.ts'
import {useView} from './base/use-view.ts'
import type {Timeline, TimelineRun} from './base/wire.ts'
import {Calendar} from './calendar.tsx'
import {CatchUpPanel} from './catch-up-panel.tsx'
import {useNow} from './overview-view.tsx'
import {outcomeStyles} from './parts/outcome.tsx'
import {Scroll} from './parts/scroll.tsx'

const hour = 3_600_000
const ranges: Readonly<Record<string, number>> = {
  '1h': hour,
  '6h': 6 * hour,
  '24h': 24 * hour,
  '3d': 72 * hour,
  '7d': 168 * hour,
  '30d': 720 * hour,
  '90d': 2160 * hour,
}
const laneHeight = 34
const width = 1000
/** A sliver of a day would not be seen, nor hit. */
const minBarWidth = 3

/** All runs on one time axis, an hour to 90 days; the address says which stretch. */
export function TimelineView({route}: {route: Route}) {
  const now = useNow()
  const range = route.query.get('range') ?? '24h'
  const span = ranges[range] ?? 24 * hour
  const until = route.query.get('until')
  // Follows the clock only where no end is named, and by whole steps, so that nothing drifts under the pointer.
  const step = span / 48
  const to = until === null ? Math.ceil((now.getTime() + span / 6) / step) * step : Date.parse(until)
  const from = to - span
  const {view, trouble} = useView<Timeline>(
    `/timeline?from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`,
  )
  const move = (by: number) => go(toHash(route, {until: new Date(to + by).toISOString()}))
  const rangeNames = Object.keys(ranges)
  const zoom = (by: number) => {
    const next = rangeNames[Math.min(rangeNames.length - 1, Math.max(0, rangeNames.indexOf(range) + by))]
    const nextSpan = ranges[next ?? '24h'] ?? span
    const middle = (from + to) / 2
    go(
      toHash(route, {range: next ?? '24h', until: until === null ? '' : new Date(middle + nextSpan / 2).toISOString()}),
    )
  }
  return (
    <section aria-labelledby="timeline">
      <h1 id="timeline">Timeline</h1>
      <div class="toolbar" role="toolbar" aria-label="Stretch of time">
        {rangeNames.map(name => (
          <a
            key={name}
            class="button small"
            href={toHash(route, {range: name})}
            aria-current={name === range ? 'true' : undefined}
          >
            {name}
          </a>
        ))}
        <button type="button" class="small" onClick={() => zoom(-1)} aria-label="Zoom in">
          +
        </button>
        <button type="button" class="small" onClick={() => zoom(1)} aria-label="Zoom out">
          −
        </button>
        <button type="button" class="small" onClick={() => move(-span / 2)}>
          ← Earlier
        </button>
        <button type="button" class="small" onClick={() => move(span / 2)}>
          Later →
        </button>
        {until !== null && (
          <a class="button small" href={toHash(route, {until: ''})}>
            Now
          </a>
        )}
      </div>
      <p class="muted">
        {dayTime(new Date(from).toISOString())} to {dayTime(new Date(to).toISOString())} UTC
      </p>
      {trouble !== undefined && <p role="alert">{trouble}</p>}
      {view === undefined ? <p class="loading">Reading…</p> : <Lanes timeline={view.data} now={now} />}
      <Legend />
      {view !== undefined && <CatchUpPanel environment={view.environment} asked={route.query.get('slot')} />}
      <Calendar until={until === null ? undefined : to} />
    </section>
  )
}

function Lanes({timeline, now}: {timeline: Timeline; now: Date}) {
  const {jobs, runs, upcoming, dense} = timeline
  const from = Date.parse(timeline.from)
  const to = Date.parse(timeline.to)
  const x = (moment: number) => Math.min(width, Math.max(0, ((moment - from) / (to - from)) * width))
  const ticks = useMemo(() => ticksOf(from, to), [from, to])
  const axis = useRef<HTMLDivElement>(null)
  // Where the window is narrow, what is newest is seen first.
  useEffect(() => {
    const scroll = axis.current?.parentElement
    if (scroll) scroll.scrollLeft = scroll.scrollWidth
  }, [])
  const lanes = jobs.filter(
    job =>
      runs.some(run => run.job === job) ||
      upcoming.some(slot => slot.job === job) ||
      dense.some(cell => cell.job === job),
  )
  const height = lanes.length * laneHeight
  const most = Math.max(1, ...dense.map(({count}) => count))
  if (lanes.length === 0) return <p class="none">Nothing ran in this stretch, and nothing is due.</p>
  return (
    <div class="timeline">
      <div class="lane-names" aria-hidden="true">
        {lanes.map(job => (
          <div key={job} style={{height: `${laneHeight}px`}}>
            {job}
          </div>
        ))}
      </div>
      <Scroll label="Runs on a time axis">
        <svg
          class="lanes"
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          style={{height: `${height}px`}}
          aria-labelledby="lanes-title"
        >
          <title id="lanes-title">Runs by job</title>
          {lanes.map((job, index) =>
            index % 2 === 0 ? (
              <rect key={job} class="lane" x={0} y={index * laneHeight} width={width} height={laneHeight} />
            ) : null,
          )}
          {ticks.map(({at}) => (
            <line key={at} class="tick" x1={x(at)} x2={x(at)} y1={0} y2={height} />
          ))}
          {dense.map(cell => (
            <rect
              key={`${cell.job} ${cell.from}`}
              class={`dense ${cell.failed > 0 ? 'bad' : 'good'}`}
              x={x(Date.parse(cell.from))}
              width={Math.max(1, x(Date.parse(cell.to)) - x(Date.parse(cell.from)) - 1)}
              y={lanes.indexOf(cell.job) * laneHeight + 4 + (1 - cell.count / most) * (laneHeight - 12)}
              height={Math.max(2, (cell.count / most) * (laneHeight - 12))}
            >
              <title>{`${cell.count} runs, ${cell.failed} failed, from ${full(cell.from)}`}</title>
            </rect>
          ))}
          {upcoming.map(slot => (
            <Ring
              key={`${slot.job} ${slot.at}`}
              name="upcoming"
              x={x(Date.parse(slot.at))}
              y={lanes.indexOf(slot.job) * laneHeight + laneHeight / 2}
            >
              <title>{`due ${full(slot.at)}`}</title>
            </Ring>
          ))}
          {runs.map(run => (
            <Run key={run.runId} run={run} top={lanes.indexOf(run.job) * laneHeight} x={x} now={now} />
          ))}
          {now.getTime() < to && <line class="now" x1={x(now.getTime())} x2={x(now.getTime())} y1={0} y2={height} />}
        </svg>
        <div class="axis" aria-hidden="true" ref={axis}>
          {ticks.map(({at, label}) => (
            <span key={at} style={{left: `${(x(at) / width) * 100}%`}}>
              {label}
            </span>
          ))}
        </div>
      </Scroll>
    </div>
  )
}

function Run({run, top, x, now}: {run: TimelineRun; top: number; x: (moment: number) => number; now: Date}) {
  const at = Date.parse(run.at)
  const label = `${run.job}: ${run.outcome}, ${full(run.at)}${run.durationMilliseconds === null ? '' : `, ${duration(run.durationMilliseconds)}`}. ${visible(run.text, 200)}`
  return (
    <a href={toRunHash(run)} aria-label={label}>
      <title>{label}</title>
      {run.bars.length === 0 && <Ring name={run.outcome} x={x(at)} y={top + laneHeight / 2} />}
      {run.bars.map(bar => {
        const start = x(Date.parse(bar.from))
        const end = x(bar.to === null ? now.getTime() : Date.parse(bar.to))
        const thin = bar.type !== 'attempt'
        return (
          <rect
            key={`${bar.attempt} ${bar.type} ${bar.from}`}
            class={`bar ${bar.type} ${outcomeStyles[bar.outcome].tone}`}
            x={start}
            width={Math.max(thin ? 0 : minBarWidth, end - start)}
            y={top + (thin ? laneHeight / 2 - 2 : 6)}
            height={thin ? 4 : laneHeight - 12}
          />
        )
      })}
    </a>
  )
}

/** Round however the axis is stretched: two points of strokes, which don't scale. */
function Ring({name, x, y, children}: {name: string; x: number; y: number; children?: ComponentChildren}) {
  const point = {x1: x, x2: x, y1: y, y2: y}
  return (
    <g class={`point ${name}`}>
      {children}
      <line {...point} />
      <line class="hole" {...point} />
    </g>
  )
}

function Legend() {
  return (
    <p class="legend muted">
      <span class="key good">attempt, good</span> <span class="key bad">failed</span>{' '}
      <span class="key warn">degraded or retrying</span> <span class="key live">running</span>{' '}
      <span class="key thin">backoff or lease</span> <span class="key miss">missed</span>{' '}
      <span class="key ring">to come</span>
    </p>
  )
}
