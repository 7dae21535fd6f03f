import {LoggingWinston} from '@google-cloud/logging-winston'

/**
 * Google's own transport, writing to standard output, where Cloud Run picks the lines up: no request leaves.
 *
 * It nests a line's data below its message; here that is laid flat, so that `jsonPayload.counts` is one name
 * away in a query. Sources: https://cloud.google.com/logging/docs/structured-logging
 */
export function createCloudLogTransport(options: {
  service: string
  version: string
  projectId: string
}): LoggingWinston {
  const {service, version, projectId} = options
  const transport = new LoggingWinston({
    projectId,
    redirectToStdout: true,
    // With it, the message would be an object inside `message`.
    useMessageField: false,
    serviceContext: {service, version},
  })
  const entry = transport.common.entry.bind(transport.common)
  transport.common.entry = (metadata, data) => entry(metadata, flatten(data))
  return transport
}

function flatten(data: string | object | undefined): string | object {
  if (data === undefined || typeof data === 'string' || !('metadata' in data)) return data ?? {}
  const {metadata, ...rest} = data
  // `stack` is in the message already, where Error Reporting looks for it.
  const {stack: _stack, ...flat}: Record<string, unknown> = {...(metadata as object)}
  return {...flat, ...rest}
}
