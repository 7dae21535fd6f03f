import {cloudEvent} from '@google-cloud/functions-framework'
import {createBigQuery} from './bigquery/bigquery-client.ts'
import {createClients} from './create-clients.ts'
import {createDeliver} from './delivery/deliver.ts'
import {createEventHandler} from './delivery/event-handler.ts'
import {createStopSignal} from './delivery/stop-signal.ts'
import {parseEnvironment} from './environment/environment.ts'
import {ConfigurationError} from './errors/configuration-error.ts'
import {toJob} from './job/job.ts'
import {parseFunctionTarget} from './job/job-name.ts'
import {loadDeclaration} from './job/load-declaration.ts'
import {createRunLedger} from './ledger/run-ledger.ts'
import {toMessageText} from './log/error-text.ts'
import {createLog} from './log/log.ts'
import {createRedact} from './log/redact.ts'
import {createMessagePublisher} from './run/message-publisher.ts'

/**
 * The entry of every function: registers the one that FUNCTION_TARGET names. All functions of one source share
 * `package.json`'s `main`, which is this file.
 */
async function registerFunction(env: NodeJS.ProcessEnv): Promise<void> {
  const {path} = parseFunctionTarget(env['FUNCTION_TARGET'])
  const job = toJob(path, await loadDeclaration(path))
  const environment = parseEnvironment(env, job.secrets)
  const {projectId, bigQueryUrl, pubSubHost} = environment
  // Off Google Cloud the clients would look for the metadata server, a host that no configuration names.
  if (bigQueryUrl !== undefined) env['METADATA_SERVER_DETECTION'] = 'none'

  const redact = createRedact(environment.secrets)
  const log = await createLog({format: environment.logFormat, service: job.functionName, projectId, redact})
  const now = () => new Date()
  const bigQuery = createBigQuery({projectId, url: bigQueryUrl})
  const deliver = createDeliver({
    job,
    environment,
    ledger: createRunLedger(bigQuery),
    publisher: createMessagePublisher({projectId, host: pubSubHost}),
    redact,
    log,
    now,
    monotonic: () => performance.now(),
    createClients: attempt => createClients(environment, {...attempt, now, bigQuery}),
  })
  const handle = createEventHandler({deliver, stop: createStopSignal(process), redact, log})
  // One parameter: with two, the framework takes it for callback style and never answers.
  cloudEvent(job.functionName, (event: unknown) => handle(event))
}

await registerFunction(process.env).catch(error => {
  const message = `${process.env['FUNCTION_TARGET'] ?? 'function'} can't start: ${toMessageText(error)}`
  process.stderr.write(`${JSON.stringify({severity: 'CRITICAL', message})}\n`)
  process.exit(error instanceof ConfigurationError ? 2 : 1)
})
