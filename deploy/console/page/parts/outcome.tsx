import type {Outcome} from '../base/wire.ts'

type Style = {readonly mark: string; readonly tone: 'good' | 'warn' | 'bad' | 'live' | 'quiet'}

/** Word, shape and tone: no outcome is told by colour alone. */
export const outcomeStyles: Readonly<Record<Outcome, Style>> = {
  succeeded: {mark: '✔', tone: 'good'},
  skipped: {mark: '–', tone: 'quiet'},
  degraded: {mark: '!', tone: 'warn'},
  failed: {mark: '✖', tone: 'bad'},
  abandoned: {mark: '⊘', tone: 'bad'},
  missed: {mark: '○', tone: 'bad'},
  discarded: {mark: '⌫', tone: 'quiet'},
  cancelled: {mark: '■', tone: 'quiet'},
  running: {mark: '▶', tone: 'live'},
  retrying: {mark: '↻', tone: 'warn'},
  continuing: {mark: '»', tone: 'live'},
  pending: {mark: '◷', tone: 'quiet'},
}

export function OutcomeLabel({outcome}: {outcome: Outcome}) {
  const {mark, tone} = outcomeStyles[outcome]
  return (
    <span class={`outcome ${tone}`}>
      <span class="mark" aria-hidden="true">
        {mark}
      </span>
      {outcome}
    </span>
  )
}
