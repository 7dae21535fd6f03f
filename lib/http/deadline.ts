/**
 * Ends the wait for something that has no time limit of its own, such as a client whose server accepts a request and
 * never answers. What was begun goes on; nobody waits for it.
 *
 * @param toError why the wait ended.
 */
export function withDeadline<T>(milliseconds: number, toError: () => Error, begin: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(toError()), milliseconds)
    begin()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer))
  })
}
