import {join} from 'node:path'
import {bundleFunction} from './bundle.ts'
import {loadCatalogue, projectRoot} from './catalogue.ts'
import {runCommand} from './command.ts'
import {exitCodes} from './exit-codes.ts'
import {alignRows} from './run-report.ts'

/** `npm run build`: every function's bundle, below dist/. */
await runCommand(async () => {
  const jobs = await loadCatalogue()
  const bundles = await Promise.all(jobs.map(job => bundleFunction(job, join(projectRoot, 'dist'))))
  const rows = bundles.map(({functionName, metafile}) => {
    const [, entry] = Object.entries(metafile.outputs).find(([path]) => path.endsWith('/index.mjs')) ?? []
    return [functionName, `${Math.round((entry?.bytes ?? 0) / 1_024)} KB`] as const
  })
  process.stdout.write(`${alignRows(rows).join('\n')}\n`)
  return exitCodes.done
})
