import {useEffect, useState} from 'preact/hooks'
import {ask} from './base/api.ts'
import {go} from './base/route.ts'
import {visible} from './base/text.ts'
import type {ArgumentField, Environment, JobRow, PublishCheck, PublishForm} from './base/wire.ts'
import {CommandLine} from './parts/command-line.tsx'
import {ConfirmDialog} from './parts/confirm-dialog.tsx'

/** A job by hand: a form from its own schema, errors beside the field, the dry run first where there is one. */
export function PublishView({
  jobs,
  selected,
  environment,
}: {
  jobs: readonly JobRow[]
  selected: string
  environment: Environment | undefined
}) {
  return (
    <section aria-labelledby="publish">
      <h1 id="publish">Publish</h1>
      <label class="pick">
        Job
        <select value={selected} onChange={event => go(`#/publish/${event.currentTarget.value}`)}>
          <option value="">choose…</option>
          {jobs.map(({name}) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {selected !== '' && environment !== undefined && <Form key={selected} job={selected} environment={environment} />}
    </section>
  )
}

function Form({job, environment}: {job: string; environment: Environment}) {
  const [form, setForm] = useState<PublishForm>()
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const [check, setCheck] = useState<PublishCheck>()
  const [isAsking, setIsAsking] = useState(false)
  const [isBusy, setIsBusy] = useState(false)
  const [trouble, setTrouble] = useState('')
  const pairs = Object.entries(values).flatMap(([name, value]) => (value === '' ? [] : [`${name}=${value}`]))
  useEffect(() => {
    ask<PublishForm>(`/jobs/${job}/form`).then(setForm, error => setTrouble(String(error.message)))
  }, [job])
  useEffect(() => {
    const stop = new AbortController()
    ask<PublishCheck>(`/jobs/${job}/check`, {args: pairs}, stop.signal).then(setCheck, () => undefined)
    return () => stop.abort()
  }, [job, pairs.join('\n')])
  if (form === undefined) return <p class="loading">{trouble === '' ? 'Reading…' : trouble}</p>
  const hasProblem = Object.keys(check?.problems ?? {}).length > 0
  const dryRun = form.fields.some(({name, type}) => name === 'dryRun' && type === 'boolean')
  const publish = async (confirm: string) => {
    if (isBusy) return
    setIsBusy(true)
    setTrouble('')
    try {
      const {runId} = await ask<{runId: string}>(`/jobs/${job}/runs`, {args: pairs, confirm})
      go(`#/runs/${encodeURIComponent(runId)}`)
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error))
    } finally {
      setIsBusy(false)
      setIsAsking(false)
    }
  }
  return (
    <form
      class="publish"
      onSubmit={event => {
        event.preventDefault()
        if (hasProblem) return
        if (environment.isProduction) setIsAsking(true)
        else void publish('')
      }}
    >
      <p>
        <strong>{form.context}</strong>
        <br />
        {form.summary}
      </p>
      {!form.isIdempotent && (
        <p class="warn">
          Not idempotent: a second run does it a second time. {form.manualCheck !== null && visible(form.manualCheck)}
          {dryRun && values['dryRun'] !== 'true' && (
            <button type="button" class="small" onClick={() => setValues({...values, dryRun: 'true'})}>
              Dry run first
            </button>
          )}
        </p>
      )}
      {form.fields.length === 0 && <p class="none">It takes no arguments.</p>}
      {form.fields.map(field => (
        <Field
          key={field.name}
          field={field}
          value={values[field.name] ?? ''}
          problem={check?.problems[field.name]}
          onChange={value => setValues({...values, [field.name]: value})}
        />
      ))}
      {check?.problems[''] !== undefined && <p role="alert">{visible(check.problems[''], 1000)}</p>}
      {trouble !== '' && <p role="alert">{visible(trouble, 1000)}</p>}
      {environment.readOnly ? (
        <p>This console is read-only.</p>
      ) : (
        <p class="actions">
          <button type="submit" class="primary" disabled={hasProblem || isBusy}>
            {isBusy ? 'Publishing…' : values['dryRun'] === 'true' ? 'Publish the dry run' : 'Publish'}
          </button>
        </p>
      )}
      {check !== undefined && <CommandLine command={check.command} />}
      {isAsking && (
        <ConfirmDialog
          title={`Run ${job}`}
          environment={environment}
          onCancel={() => setIsAsking(false)}
          onConfirm={typed => void publish(typed)}
        />
      )}
    </form>
  )
}

function Field({
  field,
  value,
  problem,
  onChange,
}: {
  field: ArgumentField
  value: string
  problem: string | undefined
  onChange: (value: string) => void
}) {
  const {name, type, choices, description, defaultValue} = field
  const id = `argument-${name}`
  const common = {id, 'aria-describedby': `${id}-about`, 'aria-invalid': problem !== undefined, value}
  return (
    <div class="field">
      <label for={id}>{name}</label>
      {type === 'boolean' || type === 'choice' ? (
        <select {...common} onChange={event => onChange(event.currentTarget.value)}>
          <option value="">{defaultValue === '' ? 'not given' : `${defaultValue} (default)`}</option>
          {(type === 'boolean' ? ['true', 'false'] : choices).map(choice => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...common}
          inputMode={type === 'number' ? 'decimal' : 'text'}
          placeholder={defaultValue === '' ? (type === 'list' ? 'a, b, c' : '') : `${defaultValue} (default)`}
          onInput={event => onChange(event.currentTarget.value)}
        />
      )}
      <p id={`${id}-about`} class="muted">
        {description}
        {type === 'list' && choices.length > 0 ? ` One or more of ${choices.join(', ')}.` : ''}
        {problem !== undefined && <strong class="bad"> {visible(problem, 500)}</strong>}
      </p>
    </div>
  )
}
