import {useEffect} from 'preact/hooks'
import {go} from './route.ts'

const views: Readonly<Record<string, string>> = {n: '/', t: '/timeline', r: '/runs', d: '/dead-letters', p: '/publish'}

/** Keys that work wherever nothing is typed into. */
export function useKeys(toggleHelp: () => void): void {
  useEffect(() => {
    let isAfterG = false
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const view = isAfterG ? views[event.key] : undefined
      isAfterG = event.key === 'g'
      if (view !== undefined) return go(`#${view}`)
      if (event.key === '?') return toggleHelp()
      if (event.key === '/') {
        event.preventDefault()
        go('#/runs')
        return focusSearch(60)
      }
      if (event.key === 'j' || event.key === 'k') move(event.key === 'j' ? 1 : -1)
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
}

/** The view appears some frames after the address changed. */
function focusSearch(frames: number): void {
  const search = document.querySelector<HTMLInputElement>('input[type=search]')
  if (search !== null) search.focus()
  else if (frames > 0) requestAnimationFrame(() => focusSearch(frames - 1))
}

/** Rows are what `data-row` marks: the first link or button in it takes the focus. */
function move(step: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')]
  const current = rows.findIndex(row => row.contains(document.activeElement))
  const next = rows[Math.min(rows.length - 1, Math.max(0, current + step))]
  const target = next?.querySelector<HTMLElement>('a, button')
  target?.focus()
  target?.scrollIntoView({block: 'nearest'})
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}
