import {loadCatalogue} from '../../deploy/catalogue/catalogue.ts'
import {startSandbox} from '../../deploy/local/sandbox.ts'

/* A process that keeps a sandbox up in the folder that it is given, delivers nothing, and lives until it is killed. */
await startSandbox({
  folder: process.argv[2] ?? '',
  jobs: await loadCatalogue(),
  pausesDelivery: true,
})
process.stdout.write('up\n')
