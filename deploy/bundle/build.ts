import {join} from 'node:path'
import {plural} from '../../lib/log/plural.ts'
import {loadCatalogue, projectRoot} from '../catalogue/catalogue.ts'
import {alignRows} from '../cli/align-rows.ts'
import type {CommandIo} from '../cli/command-io.ts'
import {type ExitCode, exitCodes} from '../cli/exit-codes.ts'
import {parseNoOptions} from '../cli/parse-no-options.ts'
import {startTicking} from '../cli/ticking-line.ts'
import {createBundler} from './bundle.ts'
import {successPathOf} from './success-path.ts'

/** `npm run build`: every function's bundle, below dist/. */
export async function runBuild(argv: readonly string[], io: CommandIo): Promise<ExitCode> {
  const help = parseNoOptions(argv, 'build', 'Bundles every function below dist/, as it is deployed.')
  if (help !== undefined) {
    io.stdout(help)
    return exitCodes.done
  }
  const jobs = await loadCatalogue()
  let done = 0
  const bundler = await createBundler()
  const line = startTicking(io.terminal, () => ({
    state: `bundling ${plural(jobs.length, 'function')} into dist/: ${done} done`,
  }))
  try {
    const bundles = await Promise.all(
      jobs.map(async job => {
        const bundle = await bundler.bundle(job, join(projectRoot, 'dist'))
        done += 1
        line.update()
        return bundle
      }),
    )
    const rows = bundles.map(({functionName, metafile}) => {
      const kilobytes = Math.round(successPathOf(metafile).bytes / 1000)
      return [functionName, `${kilobytes} KB of code for an event that succeeds`] as const
    })
    line.pause()
    io.stdout(alignRows(rows).join('\n'))
    return exitCodes.done
  } finally {
    line.end()
    await bundler.close()
  }
}
