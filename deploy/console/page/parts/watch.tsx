import {useEffect, useRef, useState} from 'preact/hooks'
import type {RunRow} from '../base/wire.ts'

/** Tells of a run's end by the browser's own notification, also while another window is in front. */
export function Watch({run}: {run: RunRow}) {
  const [isWatched, setIsWatched] = useState(false)
  const told = useRef(false)
  const isOver = run.durationMilliseconds !== null
  useEffect(() => {
    if (!isWatched || !isOver || told.current) return
    told.current = true
    new Notification(`${run.job} ${run.outcome}`, {body: run.text.slice(0, 200), tag: run.runId})
  }, [isWatched, isOver])
  if (isOver || typeof Notification === 'undefined') return null
  const watch = async () => setIsWatched((await Notification.requestPermission()) === 'granted')
  return (
    <button type="button" class="small" disabled={isWatched} onClick={() => void watch()}>
      {isWatched ? 'You will be notified' : 'Notify me when it ends'}
    </button>
  )
}
