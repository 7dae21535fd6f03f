import {execFileSync, spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {groups} from './groups.ts'

/*
 * `npm run test:mutation [-- <group> | <file.ts> …]`: breaks each guard of a folder, one at a time, and runs the tests
 * nearest to it. A guard that can be broken unseen is a survivor; below 90 % the tier fails. Stryker is large and needs a
 * newer Node.js than this project, so it lives in a cache of its own.
 */
const stryker = '@stryker-mutator/core@10.1.1'
const root = fileURLToPath(new URL('../../', import.meta.url))
const cache = `${root}node_modules/.cache/mutation`
const bin = `${cache}/node_modules/@stryker-mutator/core/bin/stryker.js`

if (!existsSync(bin)) {
  mkdirSync(cache, {recursive: true})
  writeFileSync(`${cache}/package.json`, '{"private": true}\n')
  try {
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-save', stryker], {cwd: cache, stdio: 'inherit'})
  } catch {
    process.stdout.write(`${stryker} can't be installed here: the mutation tier is skipped\n`)
    process.exit(0)
  }
}

const wanted = process.argv.slice(2)
const isWanted = (name: string, mutate: readonly string[]) =>
  wanted.length === 0 || wanted.includes(name) || mutate.some(path => wanted.includes(path))

for (const {name, mutate, tests} of groups) {
  if (!isWanted(name, mutate)) continue
  const files = wanted.filter(path => mutate.includes(path))
  const config = `${cache}/${name}.json`
  writeFileSync(
    config,
    JSON.stringify({
      testRunner: 'mocha-in-process',
      plugins: [fileURLToPath(import.meta.resolve('./mocha-runner.ts'))],
      mocha: {files: tests},
      coverageAnalysis: 'perTest',
      warnings: false,
      mutate: files.length === 0 ? mutate : files,
      // Texts are for people; what depends on one has a test of its own.
      mutator: {excludedMutations: ['StringLiteral', 'ObjectLiteral', 'ArrayDeclaration']},
      // TypeScript 7 has no API for Stryker to read a configuration with.
      tsconfigFile: 'no-tsconfig.json',
      checkers: [],
      reporters: ['clear-text', 'json', 'progress-append-only'],
      jsonReporter: {fileName: `${cache}/${name}-report.json`},
      clearTextReporter: {allowColor: false, logTests: false, reportTests: false},
      // Not below node_modules: Node.js strips no types there.
      tempDirName: `dist/mutation-${name}`,
      disableTypeChecks: false,
      ignorePatterns: ['/dist', '/.local', '/.git', '/.github', '/test/bench'],
      concurrency: Number(process.env['JOBS'] ?? 2),
      timeoutMS: 30_000,
      thresholds: {high: 95, low: 90, break: 90},
    }),
  )
  process.stdout.write(`\nmutation of ${name}: ${mutate.length} files, ${tests.length} tests\n`)
  const {status} = spawnSync(process.execPath, [bin, 'run', config], {cwd: root, stdio: 'inherit'})
  if (status !== 0) process.exitCode = 1
}
