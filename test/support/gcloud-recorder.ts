import {createServer, type IncomingMessage, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {answerCloud, type CloudAnswer, type CloudState} from './gcloud-recorder-state.ts'

export type RecordedRequest = {readonly method: string; readonly path: string; readonly body: unknown}

/** Plays Google Cloud's APIs on loopback, with state, for the real `gcloud` and for BigQuery's client. */
export type GcloudRecorder = {
  readonly url: string
  readonly requests: readonly RecordedRequest[]
  readonly state: CloudState
  /** Answers instead of the state, where it does. */
  refuse: (request: RecordedRequest) => CloudAnswer | undefined
  /** The whole environment of a gcloud that talks to nobody else. */
  readonly env: (configFolder: string) => NodeJS.ProcessEnv
  readonly stop: () => Promise<void>
}

const services = [
  'CLOUDFUNCTIONS',
  'CLOUDSCHEDULER',
  'PUBSUB',
  'RUN',
  'IAM',
  'SECRETMANAGER',
  'CLOUDRESOURCEMANAGER',
  'SERVICEUSAGE',
  'MONITORING',
  'LOGGING',
  'STORAGE',
  'CLOUDBUILD',
  'ARTIFACTREGISTRY',
]

export async function startGcloudRecorder(options: {
  readonly projectId: string
  readonly projectNumber: string
  readonly secrets: readonly string[]
}): Promise<GcloudRecorder> {
  const requests: RecordedRequest[] = []
  const state: CloudState = {...options, documents: new Map(), policies: new Map(), enabled: new Set()}
  for (const secret of options.secrets) {
    const name = `projects/${options.projectId}/secrets/${secret}`
    state.documents.set(`v1/${name}`, {name})
    state.documents.set(`v1/${name}/versions/1`, {name: `${name}/versions/1`, state: 'ENABLED'})
  }
  let url = ''
  const server = createServer((request, response) => {
    void readBody(request).then(text => {
      const {pathname, searchParams} = new URL((request.url ?? '/').replace(/^http:\/\/[^/]+/, ''), 'http://recorder')
      const method = request.method ?? 'GET'
      const body: unknown = text.startsWith('{') ? JSON.parse(text) : {}
      // BigQuery's client leaves out the prefix where BIGQUERY_EMULATOR_HOST says where to go.
      const path = decodeURIComponent(pathname)
        .replace(/^\/+/, '')
        .replace(/^projects\//, 'bigquery/v2/projects/')
      const recorded = {method, path, body}
      requests.push(recorded)
      const answer = recorder.refuse(recorded) ?? answerCloud(state, {...recorded, query: searchParams, url})
      response.writeHead(answer.status, {'content-type': 'application/json'})
      response.end(JSON.stringify(answer.body))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const recorder: GcloudRecorder = {
    url,
    requests,
    state,
    refuse: () => undefined,
    env: configFolder => ({
      PATH: process.env['PATH'],
      HOME: configFolder,
      CLOUDSDK_CONFIG: configFolder,
      CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
      CLOUDSDK_AUTH_DISABLE_CREDENTIALS: 'true',
      CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true',
      CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: 'true',
      // `gcloud run jobs` puts the region before the host's name: only through a proxy does that reach the recorder.
      HTTP_PROXY: url,
      http_proxy: url,
      ...Object.fromEntries(services.map(name => [`CLOUDSDK_API_ENDPOINT_OVERRIDES_${name}`, `${url}/`])),
    }),
    stop: () => stop(server),
  }
  return recorder
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise(resolve => server.close(() => resolve()))
}
