import type {ComponentChildren} from 'preact'

/** A part that scrolls sideways where the window is narrow, by keyboard too. */
export function Scroll({label, children}: {label: string; children: ComponentChildren}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus, or keys can't scroll it (WCAG 2.1.1)
    <section class="scroll" tabIndex={0} aria-label={label}>
      {children}
    </section>
  )
}
