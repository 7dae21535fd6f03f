import {execFileSync, spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {changedLines, type LineRange} from './changed-lines.ts'
import {groups, type MutationGroup} from './groups.ts'

/*
 * `npm run test:mutation [-- <group> | <file.ts> | --changed …]`: breaks each guard of a folder, one at a time, and runs
 * the tests that come by it. A guard that can be broken unseen is a survivor; below 90 % the tier fails. `--changed`
 * breaks only lines that changed since the upstream, and is content with 75 %: of few mutants, one that is equivalent
 * weighs much. Those of a whole run that are left, and why: survivors.md.
 *
 * Stryker is large and needs a newer Node.js than this project, so it lives in a cache of its own.
 */
const stryker = '@stryker-mutator/core@10.1.1'
const root = fileURLToPath(new URL('../../', import.meta.url))
const cache = `${root}node_modules/.cache/mutation`
const bin = `${cache}/node_modules/@stryker-mutator/core/bin/stryker.js`

/** A minute or two of mutants: who changes more runs the whole. */
const maxChangedLines = 250

const args = process.argv.slice(2)
const isChangedOnly = args.includes('--changed')
const wanted = args.filter(arg => arg !== '--changed')
const chosen = groups.flatMap(group => {
  const files = group.mutate.filter(path => wanted.includes(path))
  if (files.length > 0) return [{...group, mutate: files}]
  return wanted.length === 0 || wanted.includes(group.name) ? [group] : []
})
const plans = isChangedOnly ? planChanged(chosen) : chosen
if (plans.length > 0 && isInstalled()) for (const plan of plans) run(plan)

/** The same groups, with their changed lines alone. */
function planChanged(groups: readonly MutationGroup[]): MutationGroup[] {
  const lines = changedLines(
    root,
    groups.flatMap(({mutate}) => mutate),
  )
  if (lines === undefined) {
    process.stdout.write('git has no history here to say what changed: the mutation tier is skipped\n')
    return []
  }
  if (lines.length === 0) process.stdout.write('nothing changed that the mutation tier breaks\n')
  const taken = atMost(lines, maxChangedLines)
  if (taken.length < lines.length) {
    process.stdout.write(`more than ${maxChangedLines} lines changed: only ${taken.join(' ')}\n`)
  }
  return groups.flatMap(group => {
    const mutate = taken.filter(range => group.mutate.some(path => range.startsWith(`${path}:`)))
    return mutate.length === 0 ? [] : [{...group, mutate}]
  })
}

/** The first of them, as long as they have no more lines together. */
function atMost(ranges: readonly LineRange[], lines: number): LineRange[] {
  let left = lines
  return ranges.filter(range => {
    const [, first = '0', last = '0'] = /:(\d+)-(\d+)$/.exec(range) ?? []
    left -= 1 + Number(last) - Number(first)
    return left >= 0
  })
}

function isInstalled(): boolean {
  if (existsSync(bin)) return true
  mkdirSync(cache, {recursive: true})
  writeFileSync(`${cache}/package.json`, '{"private": true}\n')
  try {
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-save', stryker], {cwd: cache, stdio: 'inherit'})
    return true
  } catch {
    process.stdout.write(`${stryker} can't be installed here: the mutation tier is skipped\n`)
    return false
  }
}

function run({name, mutate, tests}: MutationGroup): void {
  const config = `${cache}/${name}.json`
  writeFileSync(
    config,
    JSON.stringify({
      testRunner: 'mocha-in-process',
      plugins: [fileURLToPath(import.meta.resolve('./mocha-runner.ts'))],
      mocha: {files: tests},
      coverageAnalysis: 'perTest',
      // What only runs while a file is loaded costs a new process for each mutant.
      ignoreStatic: isChangedOnly,
      warnings: false,
      mutate,
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
      thresholds: {high: 95, low: 90, break: isChangedOnly ? 75 : 90},
    }),
  )
  process.stdout.write(`\nmutation of ${name}: ${mutate.join(' ')}, by ${tests.length} files of tests\n`)
  const {status} = spawnSync(process.execPath, [bin, 'run', config], {cwd: root, stdio: 'inherit'})
  if (status !== 0) process.exitCode = 1
}
