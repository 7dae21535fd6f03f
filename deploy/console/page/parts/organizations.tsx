import {visible} from '../base/text.ts'
import type {RunDetail} from '../base/wire.ts'

/** The organizations of a run that counts them: done, failing with their reasons, and to come. */
export function Organizations({detail}: {detail: RunDetail}) {
  const {counts} = detail.run
  const {done, total, failed = 0} = counts
  if (done === undefined || total === undefined) return null
  const failures =
    detail.history.findLast(({error}) => error !== null && error.details.length > 0)?.error?.details ?? []
  const toCome = Math.max(0, total - done)
  return (
    <>
      <h2>Organizations</h2>
      <div class="sheet">
        <p>
          <strong>{(done - failed).toLocaleString('en-US')}</strong> done,{' '}
          <strong class={failed > 0 ? 'bad' : ''}>{failed.toLocaleString('en-US')}</strong> failed,{' '}
          <strong>{toCome.toLocaleString('en-US')}</strong> to come
        </p>
        <progress max={Math.max(1, total)} value={done} aria-label={`${done} of ${total} organizations`} />
        {failures.length > 0 && (
          <ul>
            {failures.slice(0, 200).map((line, index) => (
              <li key={`${index} ${line}`}>{visible(line, 1000)}</li>
            ))}
          </ul>
        )}
      </div>
    </>
  )
}
