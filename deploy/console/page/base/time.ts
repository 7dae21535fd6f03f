/*
 * One formatter for axes, tables and tooltips: UTC first, since schedules and the ledger are in UTC, and the reader's own
 * time beside it.
 */
const utc = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en-GB', {timeZone: 'UTC', hourCycle: 'h23', ...options})
const local = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', {hourCycle: 'h23', ...options})

const day = {day: '2-digit', month: 'short'} as const
const clock = {hour: '2-digit', minute: '2-digit'} as const
const utcDayTime = utc({...day, ...clock})
const utcTime = utc(clock)
const utcDay = utc(day)
const utcMonth = utc({month: 'short', year: 'numeric'})
const localDayTime = local({...day, ...clock})
const utcFull = utc({...day, year: 'numeric', ...clock, second: '2-digit'})
const localFull = local({...day, year: 'numeric', ...clock, second: '2-digit', timeZoneName: 'short'})

/** `26 Nov, 08:00`, in UTC. */
export function dayTime(moment: string): string {
  return utcDayTime.format(new Date(moment))
}

export function time(moment: Date): string {
  return utcTime.format(moment)
}

export function dayOf(moment: Date): string {
  return utcDay.format(moment)
}

/** `Nov 2026`, in UTC. */
export function monthOf(moment: Date): string {
  return utcMonth.format(moment)
}

/** `21:00 here`, or nothing where the reader lives in UTC. */
export function here(moment: string): string {
  const date = new Date(moment)
  const own = localDayTime.format(date)
  return own === utcDayTime.format(date) ? '' : `${own} here`
}

/** Both, to the second. */
export function full(moment: string): string {
  const date = new Date(moment)
  const own = localFull.format(date)
  return own.startsWith(utcFull.format(date)) ? `${utcFull.format(date)} UTC` : `${utcFull.format(date)} UTC · ${own}`
}

/** `0.9 s`, `3 min 12 s`, `2 h 5 min`, as the commands print it. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds / 1000)
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d`
}

/** `in 3 h`, `5 min ago`. */
export function relative(moment: string, now: Date): string {
  const difference = Date.parse(moment) - now.getTime()
  const size = Math.abs(difference) / 1000
  const text =
    size < 60
      ? `${Math.round(size)} s`
      : size < 3600
        ? `${Math.round(size / 60)} min`
        : size < 172_800
          ? `${Math.round(size / 3600)} h`
          : `${Math.round(size / 86_400)} d`
  return difference > 0 ? `in ${text}` : `${text} ago`
}
