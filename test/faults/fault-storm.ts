import ky from 'ky'
import type {Fault} from '../../deploy/local/emulator/injected-faults.ts'
import {localProjectId} from '../../deploy/local/sandbox.ts'
import type {Job} from '../../lib/job/job.ts'
import {addAlertedOrganization} from '../support/alerted-organization.ts'
import type {RestartablePubSub} from '../support/restartable-pubsub.ts'
import type {SeededRandom} from '../support/seeded-random.ts'
import type {TestSandbox} from '../support/test-sandbox.ts'
import type {createOperators} from './operators.ts'

/** A run that was asked for, with what the accounting needs to know about it. */
export type AskedRun = {
  readonly runId: string
  readonly job: string
  /** Only of alerts: the one organization that this run is about, and no other one is. */
  readonly orgSlug: string | undefined
}

const statuses = [400, 404, 408, 409, 422, 425, 429, 500, 502, 503, 504] as const

/** Asks for runs of all jobs and lets everything go wrong that can, as the seed says. */
export function createFaultStorm(options: {
  readonly sandbox: TestSandbox
  readonly pubSub: RestartablePubSub
  readonly jobs: readonly Job[]
  readonly random: SeededRandom
  readonly leaseSeconds: number
  readonly operators: Pick<ReturnType<typeof createOperators>, 'settleAtOnce'>
}) {
  const {sandbox, pubSub, jobs, random, operators} = options
  const longerThanLease = options.leaseSeconds * 1000 + 500
  const asked: AskedRun[] = []
  const events: string[] = []
  let count = 0

  async function ask(): Promise<void> {
    count += 1
    const job = jobs[random.below(jobs.length)]
    if (job === undefined) return
    const runId = `${job.name}@fault-${count}`
    const orgSlug = job.name === 'daily-alerts' ? `fault_org_${count}` : undefined
    if (orgSlug !== undefined) addAlertedOrganization(sandbox, orgSlug)
    const args = orgSlug === undefined ? {} : {orgSlug}
    const attributes = {job: job.name, runId, trigger: 'manual', requestedBy: 'faults'}
    const message = () => publishUntilTaken(job.topic, JSON.stringify(args), attributes)
    asked.push({runId, job: job.name, orgSlug})
    injectFaults()
    // The same message, up to five times at once; some of them once more when the storm is over.
    const times = random.chance(0.3) ? 2 + random.below(4) : 1
    await Promise.all(Array.from({length: times}, message))
    if (random.chance(0.2)) await publishTwins(job.topic, JSON.stringify(args), attributes)
    if (orgSlug !== undefined && random.chance(0.5)) await publishDryRun(job)
    if (random.chance(0.1)) later.push(message)
  }

  /** One publication that became two messages, since the answer to the first was lost and the client sent it again. */
  async function publishTwins(topic: string, data: string, attributes: Record<string, string>): Promise<void> {
    events.push('lost publisher answer')
    const message = {
      data: Buffer.from(data).toString('base64'),
      attributes: {...attributes, requestId: `twin-${count}`},
    }
    const url = `http://${sandbox.addresses.pubSubHost}/v1/projects/${localProjectId}/topics/${topic}:publish`
    for (let left = 2; left > 0; left -= 1) {
      await ky.post(url, {json: {messages: [message]}, retry: 0}).catch(() => undefined)
    }
  }

  /** Has arguments and neither run id nor trigger: it must not stand for the slot's run, nor send anything. */
  async function publishDryRun(job: Job): Promise<void> {
    events.push('dry run')
    // Of another organization: a rule that a dry run found triggered is not triggered again the same day.
    await publishUntilTaken(job.topic, JSON.stringify({orgSlug: 'acme_inc', dryRun: true}), {job: job.name})
  }
  const later: (() => Promise<void>)[] = []

  /** Pub/Sub may be down: who publishes tries again, as the publisher's exit code tells a person to. */
  async function publishUntilTaken(topic: string, data: string, attributes: Record<string, string>): Promise<void> {
    for (;;) {
      const isTaken = await sandbox.publish(topic, data, attributes).then(
        () => true,
        () => false,
      )
      if (isTaken) return
    }
  }

  function injectFaults(): void {
    for (let left = random.below(3); left > 0; left -= 1) sandbox.adminApi.faults.inject(apiFault())
    if (random.chance(0.12)) sandbox.bigQuery.faults.inject(ledgerFault())
  }

  function apiFault(): Fault {
    const path = /^\/api\//
    const kind = random.pick(['status', 'slow', 'reset-before', 'reset-after', 'truncate', 'body'])
    events.push(`api ${kind}`)
    if (kind === 'status') {
      const status = random.pick(statuses)
      return {path, kind, response: {status, body: {detail: `ordered ${status}`}}}
    }
    if (kind === 'body') return {path, kind, text: random.pick(['null', '[]', '{"status":"NEW"}', '<html>', ''])}
    // Longer than a job's time, now and then.
    if (kind === 'slow') return {path, kind, delayMilliseconds: random.pick([50, 500, 20_000])}
    return {path, kind}
  }

  function ledgerFault(): Fault {
    const path = /\/(jobs|queries)/
    const kind = random.pick(['status', 'slow', 'late', 'black hole', 'reset-before', 'reset-after'] as const)
    events.push(`ledger ${kind}`)
    // An answer that comes when the lease is over, and one that comes when nobody waits any more.
    if (kind === 'late') return {path, kind: 'slow', delayMilliseconds: longerThanLease}
    if (kind === 'black hole') return {path, kind: 'slow', delayMilliseconds: 60_000}
    if (kind === 'status')
      return {
        path,
        kind,
        times: 1 + random.below(6),
        response: {
          status: 503,
          body: {error: {code: 503, message: 'ordered', errors: [{reason: 'backendError', message: 'ordered'}]}},
        },
      }
    if (kind === 'slow') return {path, kind, delayMilliseconds: 300}
    return {path, kind}
  }

  /** Every function crashes while an entry is on its way to the ledger: the moment at which most could be lost. */
  async function crashWhileWriting(): Promise<void> {
    events.push('crash while the ledger is written')
    sandbox.bigQuery.faults.inject({
      method: 'POST',
      path: /\/jobs$/,
      kind: 'reset-before',
      times: 3,
      delayMilliseconds: 300,
    })
    const before = sandbox.bigQuery.faults.pending()
    for (let looks = 0; looks < 40 && sandbox.bigQuery.faults.pending() >= before; looks += 1) {
      await new Promise(resolve => setTimeout(resolve, 25))
    }
    const instances = await Promise.all(jobs.map(job => sandbox.functions.processOf(job.functionName)))
    await Promise.all(instances.map(instance => instance?.end('SIGKILL')))
  }

  async function disturb(): Promise<void> {
    if (random.chance(0.15)) return crashWhileWriting()
    const job = jobs[random.below(jobs.length)]
    const instance = job === undefined ? undefined : await sandbox.functions.processOf(job.functionName)
    if (instance !== undefined && random.chance(0.3)) {
      // Longer than its lease: what it was about to do, another one may have done.
      events.push(`SIGSTOP ${job?.name}`)
      signalIfAlive(instance.pid, 'SIGSTOP')
      await new Promise(resolve => setTimeout(resolve, longerThanLease))
      signalIfAlive(instance.pid, 'SIGCONT')
    } else if (instance !== undefined && random.chance(0.7)) {
      const signal = random.pick(['SIGKILL', 'SIGTERM'])
      events.push(`${signal} ${job?.name}`)
      await instance.end(signal)
    }
    if (random.chance(0.15)) {
      events.push('Pub/Sub restarted')
      await pubSub.restart(random.below(1500))
    }
  }

  return {
    asked,
    events,
    /** Asks for so many runs, a few at a time. */
    async rage(runs: number): Promise<void> {
      while (count < runs) {
        const areOperating = random.chance(0.3)
        if (areOperating) events.push('two operators at once')
        await Promise.all([
          ...Array.from({length: 1 + random.below(6)}, ask),
          ...(areOperating ? [operators.settleAtOnce()] : []),
        ])
        await disturb()
      }
    },
    /** The weather clears: no new faults, and the messages that come late. */
    async calm(): Promise<void> {
      sandbox.adminApi.faults.clear()
      sandbox.bigQuery.faults.clear()
      await Promise.all(later.map(message => message()))
    },
  }
}

/** An instance may have ended by itself in the meantime. */
function signalIfAlive(pid: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
