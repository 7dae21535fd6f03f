import {useEffect, useState} from 'preact/hooks'

/** Where the page is: the part of the address behind `#`, so that no request carries it. */
export type Route = {readonly path: string; readonly query: URLSearchParams}

export function parseRoute(hash: string): Route {
  const [path = '/', query = ''] = hash.replace(/^#/, '').split('?', 2)
  return {path: path === '' ? '/' : path, query: new URLSearchParams(query)}
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash))
  useEffect(() => {
    const update = () => setRoute(parseRoute(location.hash))
    addEventListener('hashchange', update)
    return () => removeEventListener('hashchange', update)
  }, [])
  return route
}

/** The same view with other settings; empty ones leave the address. */
export function toHash({path, query}: Route, changes: Readonly<Record<string, string>> = {}): string {
  const next = new URLSearchParams(query)
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') next.delete(name)
    else next.set(name, value)
  }
  const text = next.toString()
  return `#${path}${text === '' ? '' : `?${text}`}`
}

/** Where a run is shown; a slot that was missed has none, and is shown where it can be caught up with. */
export function toRunHash({runId, outcome}: {readonly runId: string; readonly outcome: string}): string {
  const id = encodeURIComponent(runId)
  return outcome === 'missed' ? `#/timeline?slot=${id}` : `#/runs/${id}`
}

export function go(hash: string): void {
  location.hash = hash
}
