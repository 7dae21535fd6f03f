import {useEffect, useState} from 'preact/hooks'
import {go, type Route, toHash, toRunHash} from './base/route.ts'
import {visible} from './base/text.ts'
import {duration} from './base/time.ts'
import {useView} from './base/use-view.ts'
import type {JobRow, RunList, RunRow} from './base/wire.ts'
import {CommandLine} from './parts/command-line.tsx'
import {Moment} from './parts/moment.tsx'
import {OutcomeLabel, outcomeStyles} from './parts/outcome.tsx'
import {Scroll} from './parts/scroll.tsx'

const filters = ['job', 'outcome', 'text', 'who', 'since', 'page'] as const

/** Every run that the address asks for, 100 a page. */
export function RunsView({route, jobs}: {route: Route; jobs: readonly JobRow[]}) {
  const asked = new URLSearchParams(
    filters.flatMap(name => (route.query.get(name) ? [[name, route.query.get(name) ?? '']] : [])),
  )
  const {view, trouble} = useView<RunList>(`/runs?${asked}`)
  const set = (name: string) => (value: string) => go(toHash(route, {[name]: value, page: ''}))
  const {rows = [], total = 0, page = 1, pages = 1} = view?.data ?? {}
  const held = useHeld(rows, `${asked}`)
  return (
    <section aria-labelledby="runs">
      <h1 id="runs">Runs</h1>
      <search>
        <form class="filters" onSubmit={event => event.preventDefault()}>
          <Choice
            label="Job"
            value={route.query.get('job') ?? ''}
            options={jobs.map(({name}) => name)}
            onChange={set('job')}
          />
          <Choice
            label="Outcome"
            value={route.query.get('outcome') ?? ''}
            options={Object.keys(outcomeStyles)}
            onChange={set('outcome')}
          />
          <Text label="Text" value={route.query.get('text') ?? ''} type="search" onChange={set('text')} />
          <Text label="Who" value={route.query.get('who') ?? ''} onChange={set('who')} />
          <Text
            label="Since"
            value={route.query.get('since') ?? ''}
            placeholder="7d, 12h or 2026-11-01"
            onChange={set('since')}
          />
          {asked.size > 0 && <a href="#/runs">Show all</a>}
        </form>
      </search>
      {trouble !== undefined && <p role="alert">{trouble}</p>}
      {view === undefined ? (
        <p class="loading">Reading…</p>
      ) : (
        <>
          <p class="muted" role="status">
            {total === 1 ? '1 run' : `${total.toLocaleString('en-US')} runs`}
            {pages > 1 ? `, page ${page} of ${pages}` : ''}, since <Moment at={view.provenance.from} />
            {held.news > 0 && (
              <button type="button" class="small" onClick={held.release}>
                {held.news} new
              </button>
            )}
          </p>
          <RunTable rows={held.rows} />
          <Pages route={route} page={page} pages={pages} />
          <CommandLine command={toCommand(view.environment.name, route.query)} />
        </>
      )}
    </section>
  )
}

/**
 * Rows as they were first shown, brought up to date in place: new ones would push what is being read down, so they are
 * counted and wait.
 */
function useHeld(rows: readonly RunRow[], key: string) {
  const [shown, setShown] = useState<{key: string; ids: readonly string[]}>({key: '', ids: []})
  const isCurrent = shown.key === key && shown.ids.length > 0
  useEffect(() => {
    if (!isCurrent && rows.length > 0) setShown({key, ids: rows.map(({runId}) => runId)})
  }, [rows, key])
  if (!isCurrent) return {rows, news: 0, release: () => undefined}
  const byId = new Map(rows.map(row => [row.runId, row]))
  const known = shown.ids.flatMap(id => byId.get(id) ?? [])
  const news = rows.filter(({runId}) => !shown.ids.includes(runId)).length
  return {rows: known, news, release: () => setShown({key, ids: rows.map(({runId}) => runId)})}
}

export function RunTable({rows}: {rows: readonly RunRow[]}) {
  if (rows.length === 0) return <p class="none">No run matches.</p>
  return (
    <Scroll label="Table of runs">
      <table class="runs">
        <thead>
          <tr>
            <th scope="col">Outcome</th>
            <th scope="col">Job</th>
            <th scope="col">When (UTC)</th>
            <th scope="col">Took</th>
            <th scope="col">Asked for by</th>
            <th scope="col">What it says</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={row.runId} data-row>
              <td>
                <OutcomeLabel outcome={row.outcome} />
              </td>
              <td>
                <a href={toRunHash(row)} title={visible(row.runId, 200)}>
                  {visible(row.job, 100)}
                </a>
              </td>
              <td>
                <Moment at={row.at} />
              </td>
              <td class="number">
                {row.durationMilliseconds === null ? '' : duration(row.durationMilliseconds)}
                {row.attempts > 1 ? ` · ${row.attempts} attempts` : ''}
              </td>
              <td>
                {row.trigger === 'schedule' ? 'schedule' : visible(row.requestedBy, 60)}
                {row.trigger === 'replay' ? ' (replay)' : ''}
              </td>
              <td class="wide">{visible(row.text === '' ? describeProgress(row) : row.text, 300)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

/** `1,240 of 2,000` of a run that goes on. */
function describeProgress({counts: {done, total}}: RunRow): string {
  if (done === undefined) return ''
  const count = done.toLocaleString('en-US')
  return total === undefined ? count : `${count} of ${total.toLocaleString('en-US')}`
}

function Pages({route, page, pages}: {route: Route; page: number; pages: number}) {
  if (pages < 2) return null
  return (
    <nav class="pages" aria-label="Pages">
      {page > 1 && <a href={toHash(route, {page: String(page - 1)})}>Newer</a>}
      {page < pages && <a href={toHash(route, {page: String(page + 1)})}>Older</a>}
    </nav>
  )
}

function Choice({
  label,
  value,
  options,
  onChange,
}: {
  label: string
  value: string
  options: readonly string[]
  onChange: (value: string) => void
}) {
  return (
    <label>
      {label}
      <select value={value} onChange={event => onChange(event.currentTarget.value)}>
        <option value="">all</option>
        {options.map(option => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </label>
  )
}

/** The address follows what is typed once it is left or confirmed. */
function Text({
  label,
  value,
  onChange,
  ...more
}: {
  label: string
  value: string
  type?: string
  placeholder?: string
  onChange: (value: string) => void
}) {
  return (
    <label>
      {label}
      <input
        {...more}
        defaultValue={value}
        key={value}
        onChange={event => onChange(event.currentTarget.value.trim())}
      />
    </label>
  )
}

function toCommand(env: string, query: URLSearchParams): string {
  const job = query.get('job')
  const since = query.get('since')
  const isFailed = query.get('outcome') === 'failed'
  return `npm run runs -- ${env}${job ? ` --job ${job}` : ''}${since && /^\d+[smhd]$/.test(since) ? ` --since ${since}` : ''}${isFailed ? ' --failed' : ''}`
}
