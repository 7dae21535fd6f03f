import {
  appendFileSync,
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
} from 'node:fs'
import {join} from 'node:path'
import {StatusError} from '../wire/status-error.ts'
import {type JournalRecord, journalRecord} from './journal-record.ts'
import {applyRecord, createSavedState, type SavedState, toRecords} from './saved-state.ts'
import type {DeliveryRecorder} from './subscription.ts'

/** How long a journal that can't be written waits before it tries again. */
const retryMilliseconds = 1000

/**
 * Where everything that must outlive the process is written down. Written to the system, not to the disk: it survives
 * the end of the process at any point, and that of the machine not quite.
 */
export type Journal = DeliveryRecorder & {
  /** Noted, and written with the next flush, at the latest at the end of this turn of the event loop. */
  readonly write: (record: JournalRecord) => void
  /**
   * Returns when everything noted is written: called before anything is promised to a client.
   *
   * @throws StatusError UNAVAILABLE that names a full disk; what was noted stays noted.
   */
  readonly flush: () => void
  readonly close: () => void
}

/** For a server that forgets everything when it stops. */
export function createForgetfulJournal(): Journal {
  const nothing = () => {}
  return {write: nothing, delivered: nothing, acknowledged: nothing, givenBack: nothing, flush: nothing, close: nothing}
}

/**
 * Reads the journal in a folder, replaces it by a short one that says the same, and goes on from there.
 *
 * @throws Error when a line can't be read. A last line without an end is what a killed process left, and is dropped.
 */
export function openJournal(folder: string): {journal: Journal; state: SavedState} {
  mkdirSync(folder, {recursive: true})
  const path = join(folder, 'journal.jsonl')
  const state = readJournal(path)
  rewrite(path, state)
  return {journal: appendTo(path), state}
}

function readJournal(path: string): SavedState {
  const state = createSavedState()
  const bytes = readIfThere(path)
  let line = 1
  for (let start = 0, end = bytes.indexOf(10); end >= 0; start = end + 1, end = bytes.indexOf(10, start), line += 1) {
    try {
      applyRecord(state, journalRecord.parse(JSON.parse(bytes.toString('utf8', start, end))))
    } catch (error) {
      throw new Error(
        `The local Pub/Sub server can't read line ${line} of its journal ${path}. Move the file away to start empty.`,
        {cause: error},
      )
    }
  }
  return state
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}

/** Complete on disk before it takes the old one's place. */
function rewrite(path: string, state: SavedState): void {
  const file = openSync(`${path}.new`, 'w', 0o600)
  for (const record of toRecords(state)) appendFileSync(file, toLine(record))
  fsyncSync(file)
  closeSync(file)
  renameSync(`${path}.new`, path)
}

function toLine(record: JournalRecord): string {
  return `${JSON.stringify(record)}\n`
}

function appendTo(path: string): Journal {
  const file = openSync(path, 'a', 0o600)
  let size = fstatSync(file).size
  let noted = ''
  /** By subscription: thousands a second, so they share a line. */
  let delivered = new Map<string, string[]>()
  let acknowledged = new Map<string, string[]>()
  let planned: NodeJS.Immediate | undefined
  let retrying: NodeJS.Timeout | undefined

  function flush(): void {
    for (const [subscription, messages] of delivered) noted += toLine({kind: 'delivered', subscription, messages})
    for (const [subscription, messages] of acknowledged) noted += toLine({kind: 'acknowledged', subscription, messages})
    if (delivered.size > 0) delivered = new Map()
    if (acknowledged.size > 0) acknowledged = new Map()
    if (planned !== undefined) clearImmediate(planned)
    planned = undefined
    if (noted === '') return
    try {
      appendFileSync(file, noted)
    } catch (cause) {
      // A part may be written: the next flush writes the whole again.
      ftruncateSync(file, size)
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new StatusError('UNAVAILABLE', `The local Pub/Sub server can't write its journal ${path}: ${reason}`, {
        cause,
      })
    }
    size += Buffer.byteLength(noted)
    noted = ''
  }

  function plan(): void {
    planned ??= setImmediate(flushOrRetry)
  }

  /** There is no client to tell here; the next one that publishes is told. */
  function flushOrRetry(): void {
    try {
      flush()
    } catch {
      retrying ??= setTimeout(() => {
        retrying = undefined
        flushOrRetry()
      }, retryMilliseconds)
    }
  }

  function note(lists: Map<string, string[]>, subscription: string, id: string): void {
    const list = lists.get(subscription)
    if (list === undefined) lists.set(subscription, [id])
    else list.push(id)
    plan()
  }

  return {
    write(record) {
      noted += toLine(record)
      plan()
    },
    delivered: (subscription, id) => note(delivered, subscription, id),
    acknowledged: (subscription, id) => note(acknowledged, subscription, id),
    givenBack(subscription, id, attempts) {
      // After the delivery that it takes back.
      flush()
      noted += toLine({kind: 'attempts', subscription, attempts: {[id]: attempts}})
      plan()
    },
    flush,
    close() {
      clearTimeout(retrying)
      try {
        flush()
      } finally {
        closeSync(file)
      }
    },
  }
}
