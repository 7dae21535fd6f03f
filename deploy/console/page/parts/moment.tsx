import {dayTime, full, here} from '../base/time.ts'

/** A moment: UTC first, the reader's own time below it, both to the second when pointed at. */
export function Moment({at}: {at: string}) {
  const own = here(at)
  return (
    <time dateTime={at} title={full(at)}>
      {dayTime(at)}
      {own !== '' && <span class="here"> {own}</span>}
    </time>
  )
}
