import {useState} from 'preact/hooks'
import {ask} from './base/api.ts'
import {visible} from './base/text.ts'
import {useView} from './base/use-view.ts'
import type {Environment, JobRow} from './base/wire.ts'
import type {SandboxOverview} from './base/wire-views.ts'
import {ActionButton} from './parts/action-button.tsx'
import {CommandLine} from './parts/command-line.tsx'
import {Moment} from './parts/moment.tsx'
import {Scroll} from './parts/scroll.tsx'

/** Requests that are shown at first. */
const maxShown = 30

/** What the sandbox's emulators received and did, and switches that make them fail. */
export function SandboxView({environment, jobs}: {environment: Environment | undefined; jobs: readonly JobRow[]}) {
  const {view, trouble, reload} = useView<SandboxOverview>('/sandbox')
  const [fault, setFault] = useState('')
  const [refusal, setRefusal] = useState('')
  const [showsAll, setShowsAll] = useState(false)
  if (environment === undefined || view === undefined) return <p class="loading">{trouble ?? 'Asking the sandbox…'}</p>
  const {requests, notifications, organizations, organizationCount, tables, faults} = view.data
  const shown = requests.toReversed().slice(0, showsAll ? requests.length : maxShown)
  const inject = async () => {
    setRefusal('')
    try {
      await ask('/sandbox/faults', {fault})
      setFault('')
      reload()
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <section aria-labelledby="sandbox">
      <h1 id="sandbox">Sandbox</h1>
      <h2>Faults</h2>
      <form
        class="actions"
        onSubmit={event => {
          event.preventDefault()
          void inject()
        }}
      >
        <label class="pick">
          Fault{' '}
          <input value={fault} placeholder="alerts:500x3" onInput={event => setFault(event.currentTarget.value)} />
        </label>
        <button type="submit" disabled={fault === '' || environment.readOnly}>
          Inject
        </button>
        {faults.length > 0 && (
          <ActionButton
            label="Clear all faults"
            path="/sandbox/faults/clear"
            command="npm run faults -- local clear"
            environment={environment}
            onDone={reload}
          />
        )}
      </form>
      {refusal !== '' && (
        <p role="alert" class="text">
          {visible(refusal, 2000)}
        </p>
      )}
      <ul>
        {faults.map(({fault: text, left}) => (
          <li key={text}>
            {visible(text, 200)}, {left === null ? 'until cleared' : `${left} left`}
          </li>
        ))}
      </ul>
      <CommandLine command={`npm run faults -- local add ${fault === '' ? 'alerts:500x3' : fault}`} />
      <h2>Fast-forward</h2>
      <p class="actions">
        {jobs
          .filter(({cron}) => cron !== null)
          .map(({name}) => (
            <ActionButton
              key={name}
              label={`Next slot of ${name}`}
              path={`/sandbox/slots/${name}`}
              environment={environment}
              onDone={reload}
            />
          ))}
      </p>
      <h2>Notifications sent</h2>
      {notifications.length === 0 && <p class="none">None.</p>}
      <ul>
        {notifications.toReversed().map(({at, orgSlug, alertType}, index) => (
          <li key={`${index} ${at}`}>
            <Moment at={at} /> {visible(orgSlug, 100)}: {visible(alertType, 100)}
          </li>
        ))}
      </ul>
      <div class="columns">
        <div>
          <h2>Organizations</h2>
          <p class="muted">
            {organizationCount.toLocaleString('en-US')} organizations
            {organizationCount > organizations.length ? `, ${organizations.length} shown` : ''}
          </p>
          <ul>
            {organizations.map(({orgSlug, name, status, tables: count, alerts}) => (
              <li key={orgSlug}>
                <strong>{visible(orgSlug, 100)}</strong> {visible(name, 200)}, {visible(status, 50)}
                {count === null ? ', no dataset' : `, ${count} tables`}
                {alerts.length > 0 ? `, alerts: ${alerts.map(alert => visible(alert, 100)).join(', ')}` : ''}
              </li>
            ))}
          </ul>
        </div>
        <div>
          <h2>Tables</h2>
          <ul>
            {tables.map(({name, rows}) => (
              <li key={name}>
                {visible(name, 200)}: {rows.toLocaleString('en-US')} rows
              </li>
            ))}
          </ul>
        </div>
      </div>
      <h2>Requests received</h2>
      <Scroll label="Requests">
        <table>
          <thead>
            <tr>
              <th scope="col">When (UTC)</th>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <th scope="col">Request</th>
              <th scope="col">Answer</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(request => (
              <tr key={`${request.at} ${request.method} ${request.path}`}>
                <td>
                  <Moment at={request.at} />
                </td>
                <td>{visible(request.caller ?? 'a command', 100)}</td>
                <td>{request.service}</td>
                <td class="wide">
                  {request.method} {visible(request.path, 300)}
                  {request.sql !== null && (
                    <details>
                      <summary>SQL</summary>
                      <code class="text">{visible(request.sql, 2000)}</code>
                    </details>
                  )}
                </td>
                <td>
                  {request.status ?? 'none'} in {Math.round(request.milliseconds)} ms
                  {request.fault === null ? '' : `, fault ${visible(request.fault, 100)}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {shown.length < requests.length && (
        <button type="button" onClick={() => setShowsAll(true)}>
          Show all {requests.length}
        </button>
      )}
    </section>
  )
}
