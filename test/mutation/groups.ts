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

const deliveryTests = filesIn('test/lib/delivery', '.test.ts')

/** Tests that are quick enough to run once a mutant: no process of their own, no sandbox. */
export const groups: readonly MutationGroup[] = [
  // What is read of a message shows in its delivery.
  {name: 'run', mutate: filesIn('lib/run'), tests: [...filesIn('test/lib/run', '.test.ts'), ...deliveryTests]},
  {name: 'delivery', mutate: filesIn('lib/delivery'), tests: deliveryTests},
  {name: 'ledger', mutate: filesIn('lib/ledger'), tests: filesIn('test/lib/ledger', '.test.ts')},
  {
    name: 'dead-letters',
    mutate: filesIn('deploy/dead-letters'),
    tests: filesIn('test/deploy/dead-letters', '.test.ts'),
  },
]
