import {loadCatalogue} from '../catalogue/catalogue.ts'
import {writeReadmeTable} from '../catalogue/readme-table.ts'
import {runCommand} from '../cli/command.ts'
import {exitCodes} from '../cli/exit-codes.ts'

await runCommand(async (_argv, {stdout}) => {
  const isChanged = await writeReadmeTable(await loadCatalogue())
  stdout(isChanged ? 'README.md: the table of jobs is rewritten.' : 'README.md: the table of jobs is up to date.')
  return exitCodes.done
})
