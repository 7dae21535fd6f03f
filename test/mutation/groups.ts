import {readdirSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

/** Files that are broken, and the tests that should see it. */
export type MutationGroup = {
  readonly name: string
  readonly mutate: readonly string[]
  readonly tests: readonly string[]
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const filesIn = (folder: string, ending = '.ts') =>
  readdirSync(root + folder)
    .filter(name => name.endsWith(ending))
    .map(name => `${folder}/${name}`)

/** A folder and the tests beside it, which are quick enough to run once a mutant. */
export const groups: readonly MutationGroup[] = [
  {name: 'run', mutate: filesIn('lib/run'), tests: filesIn('test/lib/run', '.test.ts')},
  {
    name: 'delivery',
    mutate: filesIn('lib/delivery'),
    tests: [...filesIn('test/lib/delivery', '.test.ts'), 'test/lib/http/http-service.test.ts'],
  },
  {name: 'ledger', mutate: filesIn('lib/ledger'), tests: filesIn('test/lib/ledger', '.test.ts')},
  {
    name: 'dead-letters',
    mutate: filesIn('deploy/dead-letters'),
    tests: filesIn('test/deploy/dead-letters', '.test.ts'),
  },
]
