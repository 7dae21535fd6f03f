import {createHmac, randomBytes, timingSafeEqual} from 'node:crypto'
import {createServer, type IncomingMessage, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {buffer} from 'node:stream/consumers'
import * as z from 'zod'
import type {CloudState} from '../support/gcloud-recorder-state.ts'

const subscriptionSchema = z.object({
  pushConfig: z.object({
    pushEndpoint: z.url(),
    oidcToken: z.object({serviceAccountEmail: z.string(), audience: z.string()}),
  }),
})
const functionSchema = z.object({name: z.string(), serviceConfig: z.object({uri: z.url()})})
const policySchema = z.object({
  bindings: z.array(z.object({role: z.string(), members: z.array(z.string())})).default([]),
})
const claimsSchema = z.object({iss: z.string(), aud: z.string(), email: z.string(), exp: z.number()})

/**
 * Between Pub/Sub and the functions, as deployed: Pub/Sub gets a token for the subscription's account, if it may; Cloud
 * Run checks the token's signature, issuer, audience and account before a function sees the request.
 */
export async function startPushGateway(options: {
  readonly state: CloudState
  readonly urlOf: (functionName: string) => string
}) {
  const {state, urlOf} = options
  const key = randomBytes(32)
  const refusals: string[] = []
  const allows = (on: string, role: string, member: string) =>
    policySchema
      .parse(state.policies.get(on) ?? {})
      .bindings.some(binding => binding.role === role && binding.members.includes(member))

  /** Pub/Sub's part. */
  const mint = (email: string, audience: string): string | undefined => {
    const agent = `serviceAccount:service-${state.projectNumber}@gcp-sa-pubsub.iam.gserviceaccount.com`
    const account = `v1/projects/${state.projectId}/serviceAccounts/${email}`
    if (!allows(account, 'roles/iam.serviceAccountTokenCreator', agent)) return undefined
    const claims = {iss: 'https://accounts.google.com', aud: audience, email, exp: Math.floor(Date.now() / 1000) + 3600}
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
    return `${payload}.${createHmac('sha256', key).update(payload).digest('base64url')}`
  }

  /** Cloud Run's part: the function that the request reaches, or why it reaches none. */
  const admit = (endpoint: URL, token: string): {functionName: string} | {refusal: string} => {
    const services = [...state.documents].flatMap(([path, document]) =>
      path.includes('/functions/') ? [functionSchema.parse(document)] : [],
    )
    const service = services.find(({serviceConfig}) => serviceConfig.uri === endpoint.origin)
    if (service === undefined) return {refusal: `404 no service at ${endpoint.origin}`}
    const functionName = service.name.replace(/^.*\//, '')
    const [payload = '', signature = ''] = token.split('.')
    const expected = createHmac('sha256', key).update(payload).digest()
    const given = Buffer.from(signature, 'base64url')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return {refusal: '401 signature'}
    const {iss, aud, email, exp} = claimsSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()))
    if (iss !== 'https://accounts.google.com' || exp * 1000 < Date.now()) return {refusal: '401 issuer or expiry'}
    if (aud !== service.serviceConfig.uri) return {refusal: `401 audience ${aud}`}
    const on = `v1/projects/${state.projectId}/locations/us-central1/services/${functionName}`
    return allows(on, 'roles/run.invoker', `serviceAccount:${email}`) ? {functionName} : {refusal: `403 ${email}`}
  }

  const handle = async (incoming: IncomingMessage): Promise<number> => {
    const [, subscription = ''] = (incoming.url ?? '').split('/')
    const body = await buffer(incoming)
    const {pushConfig} = subscriptionSchema.parse(
      state.documents.get(`v1/projects/${state.projectId}/subscriptions/${subscription}`),
    )
    const endpoint = new URL(pushConfig.pushEndpoint)
    const token = mint(pushConfig.oidcToken.serviceAccountEmail, pushConfig.oidcToken.audience)
    const admitted = token === undefined ? {refusal: '403 no token'} : admit(endpoint, token)
    if ('refusal' in admitted) {
      refusals.push(`${subscription}: ${admitted.refusal}`)
      return Number.parseInt(admitted.refusal, 10)
    }
    const response = await fetch(`${urlOf(admitted.functionName)}${endpoint.pathname}`, {
      method: 'POST',
      body,
      headers: {'content-type': 'application/json'},
    })
    await response.body?.cancel()
    return response.status
  }
  const server = createServer((incoming, outgoing) => {
    handle(incoming).then(
      status => outgoing.writeHead(status).end(),
      () => outgoing.destroy(),
    )
  })
  await listen(server)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refusals,
    stop: () =>
      new Promise<void>(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

function listen(server: Server): Promise<void> {
  return new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
}
