import {join} from 'node:path'
import {successPathOf} from '../bundle/success-path.ts'
import {bundleFunction} from '../bundle.ts'
import {loadCatalogue, projectRoot} from '../catalogue.ts'
import {runCommand} from '../command.ts'
import {exitCodes} from '../exit-codes.ts'
import {alignRows} from '../run-report.ts'

/** `npm run build`: every function's bundle, below dist/. */
await runCommand(async () => {
  const jobs = await loadCatalogue()
  const bundles = await Promise.all(jobs.map(job => bundleFunction(job, join(projectRoot, 'dist'))))
  const rows = bundles.map(({functionName, metafile}) => {
    const kilobytes = Math.round(successPathOf(metafile).bytes / 1_000)
    return [functionName, `${kilobytes} KB of code for an event that succeeds`] as const
  })
  process.stdout.write(`${alignRows(rows).join('\n')}\n`)
  return exitCodes.done
})
