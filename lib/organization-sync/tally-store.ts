import {apply, type SyncEvent, type SyncTally} from './tally.ts'

/** The state of a run while a part of it is executed, and the one way to change it. */
export type TallyStore = {
  readonly state: () => SyncTally
  readonly dispatch: (event: SyncEvent) => void
}

export function createTallyStore(start: SyncTally): TallyStore {
  let state = start
  return {
    state: () => state,
    dispatch(event) {
      state = apply(state, event)
    },
  }
}
