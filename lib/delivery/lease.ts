/** Where an attempt's times come from. */
export type Clock = {
  readonly now: () => Date
  /** Milliseconds on a monotonic clock. */
  readonly monotonic: () => number
}

/** When something began, on both clocks. */
export type Moment = {readonly wall: number; readonly monotonic: number}

/**
 * How long an attempt is this process's own. It counts from before the write that claimed or extended it began, and is
 * over when either clock says so: the wall clock may be set back, and a monotonic clock stands still while a machine
 * sleeps.
 */
export type Lease = {
  readonly isLive: () => boolean
  /** Until when it would hold if a write began now. */
  readonly nextUntil: () => Date
  readonly moment: () => Moment
  /** A write that extends it and began at this moment is in the ledger. Once over, a lease stays over. */
  readonly extend: (began: Moment) => void
}

/** Begins a lease, to be called before the write that claims it. */
export function beginLease(
  {now, monotonic}: Clock,
  seconds: number,
): Lease & {readonly from: Date; readonly until: Date} {
  const moment = (): Moment => ({wall: now().getTime(), monotonic: monotonic()})
  const untilOf = ({wall}: Moment) => new Date(wall + seconds * 1000)
  let began = moment()
  const isLive = () => {
    const at = moment()
    return at.wall - began.wall < seconds * 1000 && at.monotonic - began.monotonic < seconds * 1000
  }
  return {
    from: new Date(began.wall),
    until: untilOf(began),
    isLive,
    nextUntil: () => untilOf(moment()),
    moment,
    extend(latest) {
      // Somebody may have seen the end of it in the ledger before this write was there.
      if (isLive()) began = latest
    },
  }
}
