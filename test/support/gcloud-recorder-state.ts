import * as z from 'zod'

const objectSchema = z.record(z.string(), z.unknown())
type Document = z.output<typeof objectSchema>

/** What a project holds: resources by their path, policies by that of what they are about. */
export type CloudState = {
  readonly projectId: string
  readonly projectNumber: string
  readonly documents: Map<string, Document>
  readonly policies: Map<string, Document>
  readonly enabled: Set<string>
}

export type CloudRequest = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: unknown
  readonly url: string
}
export type CloudAnswer = {readonly status: number; readonly body: unknown}

const ok = (body: unknown): CloudAnswer => ({status: 200, body})
const notFound = (path: string): CloudAnswer => ({
  status: 404,
  body: {error: {code: 404, status: 'NOT_FOUND', message: `Resource not found: ${path}`}},
})

/** What the real services have in common: collections of documents, policies beside them, operations done at once. */
export function answerCloud(state: CloudState, sent: CloudRequest): CloudAnswer {
  // `-`: a service account's own project, whichever it is.
  const path = sent.path.replace('projects/-/', `projects/${state.projectId}/`)
  const request = {...sent, path}
  const {method} = request
  const body = objectSchema.parse(request.body)
  const special = answerSpecial(state, request, body)
  if (special !== undefined) return special
  switch (method) {
    case 'GET':
      return state.documents.has(path) ? ok(state.documents.get(path)) : list(state, path)
    case 'POST':
      return create(state, request, body)
    case 'PUT':
      return store(state, path, {name: withoutVersion(path), ...body})
    case 'PATCH':
      return patch(state, request, body)
    case 'DELETE':
      return state.documents.delete(path) ? ok({}) : notFound(path)
    default:
      return notFound(path)
  }
}

function answerSpecial(state: CloudState, request: CloudRequest, body: Document): CloudAnswer | undefined {
  const {path, url} = request
  const {projectId, projectNumber, enabled} = state
  const [about = '', verb] = path.split(/:(?=\w+$)/)
  if (verb === 'getIamPolicy') return ok(state.policies.get(about) ?? {etag: 'BwX=', version: 1})
  if (verb === 'setIamPolicy') {
    state.policies.set(about, objectSchema.parse(body['policy']))
    return ok(body['policy'])
  }
  if (path === `v1/projects/${projectId}`) return ok({projectId, projectNumber, lifecycleState: 'ACTIVE'})
  if (verb === 'batchEnable') {
    for (const id of z.array(z.string()).parse(body['serviceIds'])) enabled.add(id)
    return ok({name: 'operations/noop', done: true, response: {}})
  }
  if (path === `v1/projects/${projectId}/services`) {
    return ok({services: [...enabled].map(name => ({config: {name}, state: 'ENABLED'}))})
  }
  const service = /\/services\/([\w.]+\.googleapis\.com)$/.exec(path)?.[1]
  if (service !== undefined) return ok({config: {name: service}, state: enabled.has(service) ? 'ENABLED' : 'DISABLED'})
  if (path.endsWith('/defaultServiceAccount')) {
    const email = `${projectNumber}-compute@developer.gserviceaccount.com`
    return ok({serviceAccountEmail: `projects/${projectId}/serviceAccounts/${email}`})
  }
  if (path.endsWith('/runtimes')) {
    return ok({runtimes: [{name: 'nodejs24', stage: 'GA', environment: 'GEN_2'}]})
  }
  if (verb === 'generateUploadUrl') {
    return ok({uploadUrl: `${url}/upload`, storageSource: {bucket: 'sources', object: 'source.zip'}})
  }
  if (path === 'upload') return ok({})
  // The run ledger is empty.
  if (path.endsWith('/queries') || path.includes('/queries/')) {
    const jobReference = {projectId, jobId: 'query', location: 'us-central1'}
    return ok({jobComplete: true, jobReference, schema: {fields: []}, rows: [], totalRows: '0'})
  }
  if (verb === 'pause' || verb === 'resume') {
    const before = state.documents.get(about)
    return before === undefined
      ? notFound(about)
      : store(state, about, {...before, state: verb === 'pause' ? 'PAUSED' : 'ENABLED'})
  }
  if (path.endsWith('/builds') && request.method === 'POST') {
    const type = 'type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata'
    const build = {
      id: '1',
      projectId,
      name: `${withoutVersion(path)}/1`,
      status: 'QUEUED',
      createTime: '2026-01-01T00:00:00Z',
      logUrl: `${url}/log`,
      ...body,
    }
    return ok({name: `operations/build/${projectId}/1`, metadata: {'@type': type, build}})
  }
  if (path.includes('/operations/')) return ok(operation(withoutVersion(path)))
  return undefined
}

function list(state: CloudState, path: string): CloudAnswer {
  const inside = [...state.documents].filter(([key]) => key.slice(0, key.lastIndexOf('/')) === path)
  const collection = path.slice(path.lastIndexOf('/') + 1)
  // A path with an even number of segments below the version names one thing; it is not here.
  const below = path.split('/').slice(path.startsWith('apis/') ? 3 : 1)
  if (below.length % 2 === 0 && !path.startsWith('bigquery/')) return notFound(path)
  if (path.startsWith('bigquery/')) return bigQueryNotFound(path)
  const key = {serviceAccounts: 'accounts'}[collection] ?? collection
  return ok({[path.startsWith('apis/') ? 'items' : key]: inside.map(([, document]) => document)})
}

function create(state: CloudState, request: CloudRequest, body: Document): CloudAnswer {
  const {path, query, url} = request
  const collection = path.slice(path.lastIndexOf('/') + 1)
  if (path.startsWith('bigquery/')) {
    const reference = z.record(z.string(), z.string()).parse(body[`${collection.slice(0, -1)}Reference`] ?? {})
    return store(state, `${path}/${reference[`${collection.slice(0, -1)}Id`]}`, {location: body['location'], ...body})
  }
  if (collection === 'serviceAccounts') {
    const email = `${body['accountId']}@${state.projectId}.iam.gserviceaccount.com`
    const name = `${withoutVersion(path)}/${email}`
    return store(state, `${path}/${email}`, {name, email, ...objectSchema.parse(body['serviceAccount'])})
  }
  if (collection === 'functions') {
    const id = query.get('functionId') ?? ''
    store(state, `${path}/${id}`, deployed(request, id, body, url))
    return ok(operation(`${withoutVersion(path).replace(/functions$/, 'operations')}/${id}`))
  }
  const id = lastOf(String(body['name'] ?? state.documents.size))
  // A metric's name is its id alone. Source: Logging REST reference, LogMetric.
  return store(state, `${path}/${id}`, {...body, name: collection === 'metrics' ? id : `${withoutVersion(path)}/${id}`})
}

function deployed({path}: CloudRequest, id: string, body: Document, url: string): Document {
  const serviceConfig = objectSchema.parse(body['serviceConfig'] ?? {})
  return {
    ...body,
    name: `${withoutVersion(path).replace(/\/functions(?:\/.*)?$/, '')}/functions/${id}`,
    state: 'ACTIVE',
    environment: 'GEN_2',
    url,
    serviceConfig: {...serviceConfig, uri: `https://${id}-abc-uc.a.run.app`, service: `services/${id}`},
  }
}

function patch(state: CloudState, request: CloudRequest, body: Document): CloudAnswer {
  const {path, url} = request
  const before = state.documents.get(path)
  if (before === undefined) return path.startsWith('bigquery/') ? bigQueryNotFound(path) : notFound(path)
  const wrapped = body['subscription'] ?? body['topic']
  const changes = typeof wrapped === 'object' && wrapped !== null ? objectSchema.parse(wrapped) : body
  if (path.includes('/functions/')) {
    store(state, path, deployed(request, lastOf(path), {...before, ...changes}, url))
    return ok(operation(withoutVersion(path).replace('functions', 'operations')))
  }
  return store(state, path, {...before, ...changes})
}

function store(state: CloudState, path: string, document: Document): CloudAnswer {
  state.documents.set(path, document)
  return ok(document)
}

function bigQueryNotFound(path: string): CloudAnswer {
  const message = `Not found: ${path}`
  return {status: 404, body: {error: {code: 404, message, errors: [{reason: 'notFound', message}]}}}
}

/** Done at once. */
function operation(name: string): Document {
  return {
    name,
    done: true,
    metadata: {'@type': 'type.googleapis.com/google.cloud.functions.v2.OperationMetadata'},
    response: {},
  }
}

function withoutVersion(path: string): string {
  return path.replace(/^v\d+\//, '')
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
