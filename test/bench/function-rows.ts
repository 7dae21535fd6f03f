import {mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type Bundle, bundleFunction} from '../../deploy/bundle/bundle.ts'
import {successPathOf} from '../../deploy/bundle/success-path.ts'
import {loadCatalogue, projectRoot} from '../../deploy/catalogue/catalogue.ts'
import {sampleMigrations} from '../../deploy/local/migrations-folder.ts'
import type {Job} from '../../lib/job/job.ts'
import {toPushBody} from '../support/push-delivery.ts'
import {type ColdStart, start, startOnce} from './cold-start.ts'
import {type Counterparts, startCounterparts} from './counterparts.ts'
import {findPythonScript} from './python-script.ts'
import {type Group, inTurn, type Measuring, median, medianOf, type Row} from './row.ts'

/** Every function as it is staged for deployment, beside a bare one of the framework's. */
export const functionRows: Group = {
  name: 'functions',
  async measure(measuring) {
    const root = await mkdtemp(join(tmpdir(), 'bench-functions-'))
    const counterparts = await startCounterparts()
    try {
      const jobs = await loadCatalogue()
      const bundles = new Map<string, Bundle>()
      for (const job of jobs)
        bundles.set(job.name, await bundleFunction(job, root, {migrationsFolder: sampleMigrations}))
      const hello = await makeHello(join(root, 'hello'))
      await learnAnswers(jobs, bundles, counterparts)
      const starts = await measureStarts(measuring, {jobs, bundles, counterparts, hello})
      const besidePython = await measureBesidePython(measuring, {jobs, bundles, counterparts})
      const sizes = [...bundles.values()].map(({metafile}) => successPathOf(metafile).bytes)
      const perEvent = await measureEvents(measuring, {jobs, bundles, counterparts})
      return [...startRows(starts, measuring.runs), ...besidePython, sizeRow(Math.max(...sizes)), ...perEvent]
    } finally {
      await counterparts.stop()
      await rm(root, {recursive: true})
    }
  },
}

type Measured = {
  readonly jobs: readonly Job[]
  readonly bundles: ReadonlyMap<string, Bundle>
  readonly counterparts: Counterparts
}

/** A function that does nothing, as its author would deploy it. */
async function makeHello(folder: string): Promise<string> {
  await mkdir(folder)
  await writeFile(join(folder, 'package.json'), '{"name": "hello", "main": "index.js"}\n')
  const source = "require('@google-cloud/functions-framework').cloudEvent('hello', () => {})\n"
  await writeFile(join(folder, 'index.js'), source)
  await symlink(join(projectRoot, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

let messages = 0
function nextBody(job: Pick<Job, 'name' | 'functionName'>) {
  messages += 1
  const runId = `${job.name}@01BENCH${messages}`
  const attributes = {job: job.name, runId, trigger: 'manual', requestedBy: 'bench'}
  const publishTime = new Date().toISOString()
  return toPushBody({messageId: `bench-${messages}`, attributes, subscription: job.functionName, publishTime})
}

/** The counterparts answer from memory what they were asked once. */
async function learnAnswers(jobs: readonly Job[], bundles: Measured['bundles'], counterparts: Counterparts) {
  // Bootstrap first: the others need what it makes. Twice: the second time each finds its work done.
  const inOrder = jobs.toSorted((a, b) => Number(b.name === 'bootstrap') - Number(a.name === 'bootstrap'))
  for (const job of [...inOrder, ...inOrder]) {
    await startOnce(commandOf(bundles, job), {env: counterparts.envOf(job)}, nextBody(job))
  }
  counterparts.answerAtOnce()
}

function commandOf(bundles: Measured['bundles'], job: Job): string[] {
  return [join(bundles.get(job.name)?.folder ?? '', 'framework/main.mjs')]
}

async function measureStarts(
  {runs, tell}: Measuring,
  {jobs, bundles, counterparts, hello}: Measured & {readonly hello: string},
): Promise<Record<string, ColdStart[]>> {
  const bare = [join(projectRoot, 'node_modules/.bin/functions-framework'), `--source=${hello}`, '--target=hello']
  const helloJob = {name: 'hello', functionName: 'hello'}
  return inTurn(runs, {
    hello: round => {
      tell(`cold starts, round ${round} of ${runs}`)
      return startOnce(bare, {env: {NODE_ENV: 'production'}}, nextBody(helloJob))
    },
    ...Object.fromEntries(
      jobs.map(job => [
        job.name,
        async () => {
          const once = await startOnce(commandOf(bundles, job), {env: counterparts.envOf(job)}, nextBody(job))
          const event = counterparts.ledger.lastEvent()
          if (event !== 'succeeded' && event !== 'skipped') throw new Error(`${job.name} has ${event}`)
          return once
        },
      ]),
    ),
  })
}

const figures = [
  {what: 'Process start to ready', limit: 1.5, of: (start: ColdStart) => start.ready, unit: 'ms'},
  {what: 'Process start to first event answered', limit: 1.85, of: (start: ColdStart) => start.answered, unit: 'ms'},
  {what: 'Memory when ready', limit: 1.25, of: (start: ColdStart) => start.readyMemory / 1e6, unit: 'MB'},
  {what: 'Memory after the first event', limit: 1.35, of: (start: ColdStart) => start.answeredMemory / 1e6, unit: 'MB'},
] as const

/** One row a figure: the worst of all functions. */
function startRows(starts: Record<string, ColdStart[]>, runs: number): Row[] {
  const {hello = [], ...functions} = starts
  return figures.map(({what, limit, of, unit}) => {
    const baseline = medianOf(hello, of)
    const worst = Object.entries(functions)
      .map(([name, samples]) => ({name, value: medianOf(samples, of)}))
      .reduce((a, b) => (b.value > a.value ? b : a))
    return {
      what,
      note: `the worst of ${Object.keys(functions).length}: ${worst.name}`,
      baseline: `bare hello function, unbundled, Node's defaults: ${baseline.toFixed(0)} ${unit}`,
      goal: {limit, is: 'at most'},
      figure: `${worst.value.toFixed(0)} ${unit}`,
      value: worst.value / baseline,
      runs,
    }
  })
}

/** A cold function with one call of the API, and the script that it replaces. */
async function measureBesidePython({runs, tell}: Measuring, measured: Measured): Promise<Row[]> {
  const {jobs, bundles, counterparts} = measured
  const job = findMeasured(jobs)
  const python = await findPythonScript()
  const env = counterparts.envOf(job)
  tell(`cold starts beside Python, ${runs} rounds`)
  const memory: number[] = []
  const taken = await inTurn<string, number>(runs, {
    async function() {
      const once = await startOnce(commandOf(bundles, job), {env}, nextBody(job))
      memory.push(once.answeredMemory / 1e6)
      return once.answered
    },
    ...(typeof python === 'string' ? {} : {script: () => python.run(env)}),
  })
  const [ours, theirs] = [median(taken['function'] ?? []), median(taken['script'] ?? [])]
  return [
    {
      what: 'Process start to first event answered, beside the Python script that it replaces',
      note: typeof python === 'string' ? python : job.name,
      baseline: typeof python === 'string' ? '–' : `one call with httpx, nothing else: ${theirs.toFixed(0)} ms`,
      goal: {limit: 1, is: 'at most'},
      figure: `${ours.toFixed(0)} ms`,
      value: typeof python === 'string' ? undefined : ours / theirs,
      runs,
    },
    {
      what: 'Memory of a function after its first event',
      note: job.name,
      baseline: '–',
      goal: {limit: 90, is: 'at most', unit: 'MB'},
      figure: `${median(memory).toFixed(0)} MB`,
      value: median(memory),
      runs,
    },
  ]
}

/** It makes one call. */
function findMeasured(jobs: readonly Job[]): Job {
  const job = jobs.find(({name}) => name === 'daily-quota-reset')
  if (job === undefined) throw new Error('there is no daily-quota-reset')
  return job
}

function sizeRow(bytes: number): Row {
  return {
    what: 'Code that an event that succeeds loads',
    note: 'the largest, with all names',
    baseline: '–',
    goal: {limit: 1, is: 'at most', unit: 'MB'},
    figure: `${(bytes / 1e6).toFixed(2)} MB`,
    value: bytes / 1e6,
    runs: 1,
  }
}

const eventsARun = 100

/** A warm function's own time. */
async function measureEvents({runs, tell}: Measuring, {jobs, bundles, counterparts}: Measured): Promise<Row[]> {
  const job = findMeasured(jobs)
  const running = await start(commandOf(bundles, job), {env: counterparts.envOf(job)})
  try {
    const perEvent: number[] = []
    const statements: number[] = []
    for (let round = 0; round <= runs; round += 1) {
      tell(`${eventsARun} events, round ${round} of ${runs}`)
      counterparts.ledger.takeCount()
      const before = await running.usage()
      for (let event = 0; event < eventsARun; event += 1) await running.push(nextBody(job))
      const after = await running.usage()
      if (round === 0) continue
      perEvent.push((after.cpu - before.cpu) / eventsARun)
      statements.push(counterparts.ledger.takeCount() / eventsARun)
    }
    const milliseconds = median(perEvent)
    const maxStatements = Math.max(...statements)
    return [
      {
        what: 'CPU per event',
        note: job.name,
        baseline: '–',
        goal: {limit: 10, is: 'at most', unit: 'ms'},
        figure: `${milliseconds.toFixed(1)} ms`,
        value: milliseconds,
        runs,
      },
      {
        what: 'Ledger statements of a run that succeeds',
        note: 'the most of all rounds',
        baseline: '–',
        goal: {limit: 3, is: 'at most'},
        figure: String(maxStatements),
        value: maxStatements,
        runs,
      },
    ]
  } finally {
    await running.kill()
  }
}
