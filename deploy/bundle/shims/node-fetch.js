/**
 * Google's clients send requests with node-fetch, from before Node had a fetch of its own; it brings streams of its own
 * too. Its errors say why a request, or the reading of its answer, failed, and hold the system's code; Node's keep both in
 * their cause.
 */
export default async function fetchAsNodeFetch(input, init) {
  const explain = error => {
    const {cause} = error
    if (!(cause instanceof Error)) throw error
    const message = cause.message || cause.code
    throw Object.assign(new Error(`request to ${input} failed, reason: ${message}`, {cause}), {
      type: 'system',
      code: cause.code,
    })
  }
  const response = await fetch(input, init).catch(explain)
  for (const name of ['arrayBuffer', 'blob', 'json', 'text']) {
    const read = response[name].bind(response)
    response[name] = () => read().catch(explain)
  }
  return response
}
