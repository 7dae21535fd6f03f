import type {ComponentChildren} from 'preact'
import {useEffect, useState} from 'preact/hooks'
import {useKeys} from './base/keys.ts'
import {type Route, useRoute} from './base/route.ts'
import {useView} from './base/use-view.ts'
import type {Overview, View} from './base/wire.ts'
import {DeadLettersView} from './dead-letters-view.tsx'
import {MigrationsView} from './migrations-view.tsx'
import {OverviewView} from './overview-view.tsx'
import {PublishView} from './publish-view.tsx'
import {ReleaseView} from './release-view.tsx'
import {RunView} from './run-view.tsx'
import {RunsView} from './runs-view.tsx'
import {SandboxView} from './sandbox-view.tsx'
import {TimelineView} from './timeline-view.tsx'

const tabs = [
  ['/', 'Needs me'],
  ['/timeline', 'Timeline'],
  ['/runs', 'Runs'],
  ['/dead-letters', 'Dead letters'],
  ['/publish', 'Publish'],
  ['/release', 'Release'],
  ['/migrations', 'Migrations'],
] as const
const sandboxTab = ['/sandbox', 'Sandbox'] as const

export function App() {
  const route = useRoute()
  const overview = useView<Overview>('/overview')
  const [helpIsOpen, setHelpIsOpen] = useState(false)
  useKeys(() => setHelpIsOpen(isOpen => !isOpen))
  const environment = overview.view?.environment
  useEffect(() => {
    const open = overview.view?.data.attention.length ?? 0
    document.title = `${open > 0 ? `(${open}) ` : ''}${environment?.name ?? 'CloudAct'} jobs`
    document.documentElement.dataset['environment'] = environment?.isProduction === true ? 'production' : 'other'
  }, [overview.view])
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <Header overview={overview.view} path={route.path} />
      {overview.trouble !== undefined && (
        <p class="trouble" role="alert">
          {overview.trouble}
        </p>
      )}
      <main id="content" tabIndex={-1}>
        <Unknown view={overview.view} />
        <Content route={route} overview={overview} />
      </main>
      {helpIsOpen && <KeyHelp onClose={() => setHelpIsOpen(false)} />}
    </>
  )
}

function Content({route, overview}: {route: Route; overview: ReturnType<typeof useView<Overview>>}) {
  const [, first = '', second] = route.path.split('/')
  switch (first) {
    case '':
    case 'jobs':
      return <OverviewView overview={overview} selected={second} />
    case 'timeline':
      return <TimelineView route={route} />
    case 'runs':
      return second === undefined || second === '' ? (
        <RunsView route={route} jobs={overview.view?.data.jobs ?? []} />
      ) : (
        <RunView runId={decodeURIComponent(second)} />
      )
    case 'dead-letters':
      return <DeadLettersView route={route} />
    case 'publish':
      return (
        <PublishView
          jobs={overview.view?.data.jobs ?? []}
          selected={second ?? ''}
          environment={overview.view?.environment}
        />
      )
    case 'migrations':
      return <MigrationsView environment={overview.view?.environment} />
    case 'sandbox':
      return <SandboxView environment={overview.view?.environment} jobs={overview.view?.data.jobs ?? []} />
    case 'release':
      return <ReleaseView route={route} environment={overview.view?.environment} />
    default:
      return <p>There is no such view. The tabs above lead to those that there are.</p>
  }
}

function Header({overview, path}: {overview: View<Overview> | undefined; path: string}) {
  const environment = overview?.environment
  const isCurrent = (tab: string) => (tab === '/' ? path === '/' || path.startsWith('/jobs') : path.startsWith(tab))
  const count = (tab: string) => {
    if (overview === undefined || (tab !== '/' && tab !== '/dead-letters')) return ''
    const {attention, deadLetterCount} = overview.data
    const number = tab === '/' ? attention.length : deadLetterCount
    // What could not be read may be any number.
    if (number === null) return '?'
    const isPart = tab === '/' && overview.unknown.length > 0
    if (number === 0) return isPart ? '?' : ''
    return `${number}${isPart ? '+?' : ''}`
  }
  return (
    <header>
      <div class="bar">
        <strong class="brand">CloudAct jobs</strong>
        {environment !== undefined && (
          <span class={`badge ${environment.isProduction ? 'production' : ''}`}>
            {environment.isProduction ? `PRODUCTION · ${environment.name}` : environment.name}
            <span class="project"> {environment.projectId}</span>
            {environment.readOnly ? ' · read-only' : ''}
          </span>
        )}
        {overview !== undefined && <AsOf view={overview} />}
      </div>
      <nav aria-label="Views">
        {(environment?.name === 'local' ? [...tabs, sandboxTab] : tabs).map(([tab, label]) => (
          <a key={tab} href={`#${tab}`} aria-current={isCurrent(tab) ? 'page' : undefined}>
            {label}
            {count(tab) !== '' && <span class="count">{count(tab)}</span>}
          </a>
        ))}
      </nav>
    </header>
  )
}

function AsOf({view}: {view: View<unknown>}) {
  const {asOf, queries, bytes} = view.provenance
  const asked = queries === 1 ? '1 query' : `${queries} queries`
  const isFree = view.environment.name === 'local'
  const cost = isFree ? asked : `${asked}, at least ${Math.round(bytes / 1_000_000)} MB`
  return (
    <span class="provenance" title="What this console has asked of the run ledger since it was started">
      {queries === 0 ? 'not read yet' : `${cost}, as of ${asOf.slice(11, 19)} UTC`}
    </span>
  )
}

function Unknown({view}: {view: View<unknown> | undefined}): ComponentChildren {
  if (view === undefined || view.unknown.length === 0) return null
  return (
    <section class="trouble" aria-label="Unknown">
      {view.unknown.map(({subject, reason}) => (
        <p key={subject}>
          <strong>Unknown: {subject}.</strong> {reason}
        </p>
      ))}
    </section>
  )
}

function KeyHelp({onClose}: {onClose: () => void}) {
  return (
    <aside class="keys" aria-label="Keyboard">
      <h2>Keyboard</h2>
      <dl>
        <dt>/</dt>
        <dd>search the runs</dd>
        <dt>j, k</dt>
        <dd>next, previous row</dd>
        <dt>g then n, t, r, d, p</dt>
        <dd>needs me, timeline, runs, dead letters, publish</dd>
        <dt>?</dt>
        <dd>this list</dd>
      </dl>
      <button type="button" onClick={onClose}>
        Close
      </button>
    </aside>
  )
}
