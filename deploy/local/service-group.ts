import {toMessageText} from '../../lib/log/error-text.ts'

type Service = {readonly stop: () => Promise<void>}

/** Services that are started side by side and end together. */
export type ServiceGroup = {
  /**
   * Takes a service that is starting.
   *
   * @returns the service. @throws Error that names it, if it can't start.
   */
  readonly add: <T extends Service>(name: string, starting: Promise<T>) => Promise<T>
  /**
   * Waits for what is still starting, and stops everything, the last first; what can't stop keeps nothing else up.
   *
   * @throws the first error of a service that could not stop.
   */
  readonly stop: () => Promise<void>
}

export function createServiceGroup(): ServiceGroup {
  const starting: Promise<unknown>[] = []
  const started: Service[] = []
  return {
    async add(name, promise) {
      const service = promise.then(
        running => {
          started.push(running)
          return running
        },
        (cause: unknown) => {
          throw new Error(`the sandbox can't start its ${name}: ${toMessageText(cause)}`, {cause})
        },
      )
      starting.push(service)
      return service
    },
    async stop() {
      // One that comes up after the others have failed would stay up alone.
      await Promise.allSettled(starting)
      const errors: unknown[] = []
      for (const service of started.splice(0).toReversed()) {
        await service.stop().catch((error: unknown) => errors.push(error))
      }
      if (errors.length > 0) throw errors[0]
    },
  }
}
