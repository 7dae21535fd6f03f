import {useEffect, useRef, useState} from 'preact/hooks'
import {ask, RefusedError} from './api.ts'
import type {View} from './wire.ts'

export type Loaded<Data> = {
  readonly view: View<Data> | undefined
  /** Why the newest is not there. */
  readonly trouble: string | undefined
  readonly reload: () => void
}

const pollMilliseconds = 2000

/**
 * Keeps a view up to date while its tab is visible. The server's one reader decides when the ledger is asked; a hidden tab
 * asks nothing.
 *
 * @param every milliseconds between two readings; a list, which must keep its identity: the pauses before the next
 *   readings, and none after those.
 */
export function useView<Data>(path: string, every: number | readonly number[] = pollMilliseconds): Loaded<Data> {
  const [view, setView] = useState<{path: string; view: View<Data>}>()
  const [trouble, setTrouble] = useState<string>()
  const load = useRef<() => void>(() => undefined)
  useEffect(() => {
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    let isLoading = false
    let readings = 0
    const next = () => {
      clearTimeout(timer)
      const pause = typeof every === 'number' ? every : every[readings]
      readings += 1
      if (pause === undefined || stop.signal.aborted || document.visibilityState !== 'visible') return
      timer = setTimeout(read, pause)
    }
    const read = async () => {
      if (isLoading || document.visibilityState !== 'visible') return
      isLoading = true
      try {
        const answer = await ask<View<Data>>(path, undefined, stop.signal)
        setView(known =>
          known?.path === path && JSON.stringify(known.view) === JSON.stringify(answer) ? known : {path, view: answer},
        )
        setTrouble(undefined)
      } catch (error) {
        if (stop.signal.aborted) return
        setTrouble(error instanceof RefusedError ? error.message : String(error))
      } finally {
        isLoading = false
        next()
      }
    }
    load.current = () => void read()
    document.addEventListener('visibilitychange', load.current)
    void read()
    return () => {
      stop.abort()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', load.current)
    }
  }, [path, every])
  // What was read for another address is not shown under this one.
  return {view: view?.path === path ? view.view : undefined, trouble, reload: () => load.current()}
}
