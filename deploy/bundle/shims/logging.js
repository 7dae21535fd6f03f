import {Entry} from '@google-cloud/logging/build/src/entry.js'
import {LogSync} from '@google-cloud/logging/build/src/log-sync.js'

/**
 * logging-winston writes to standard output with `LogSync`; the rest of Google's logging client is its exporter, which
 * brings the whole gRPC stack.
 */
export class Logging {
  constructor({projectId}) {
    this.projectId = projectId
  }

  entry(resource, data) {
    return new Entry(resource, data)
  }

  logSync(name, transport, options) {
    return new LogSync(this, name, transport, options)
  }
}
