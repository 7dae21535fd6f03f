import {join} from 'node:path'
import {plural} from '../../lib/log/plural.ts'
import {loadCatalogue, projectRoot} from '../catalogue/catalogue.ts'
import {alignRows} from '../cli/align-rows.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {createLiveLine} from '../cli/live-line.ts'
import {parseNoOptions} from '../cli/parse-no-options.ts'
import {bundleFunction} from './bundle.ts'
import {successPathOf} from './success-path.ts'

/** `npm run build`: every function's bundle, below dist/. */
export async function runBuild(argv: readonly string[], io: CommandIo): Promise<ExitCode> {
  const help = parseNoOptions(argv, 'build', 'Bundles every function below dist/, as it is deployed.')
  if (help !== undefined) {
    io.stdout(help)
    return exitCodes.done
  }
  const jobs = await loadCatalogue()
  const line = createLiveLine(io.terminal)
  const started = performance.now()
  let done = 0
  const show = () => {
    const seconds = Math.floor((performance.now() - started) / 1000)
    const what = `bundling ${plural(jobs.length, 'function')} into dist/: ${done} done`
    line.show(`${what}, ${seconds} s`, what)
  }
  show()
  const ticking = setInterval(show, 500)
  try {
    const bundles = await Promise.all(
      jobs.map(async job => {
        const bundle = await bundleFunction(job, join(projectRoot, 'dist'))
        done += 1
        show()
        return bundle
      }),
    )
    const rows = bundles.map(({functionName, metafile}) => {
      const kilobytes = Math.round(successPathOf(metafile).bytes / 1000)
      return [functionName, `${kilobytes} KB of code for an event that succeeds`] as const
    })
    line.clear()
    io.stdout(alignRows(rows).join('\n'))
    return exitCodes.done
  } finally {
    clearInterval(ticking)
    line.clear()
  }
}
