/** The job's signal fired: its time was up, or the instance was told to stop. Another attempt starts over. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError'
}
