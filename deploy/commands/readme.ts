import {loadCatalogue} from '../catalogue/catalogue.ts'
import {writeReadmeTable} from '../catalogue/readme-table.ts'
import {runCommand} from '../cli/command.ts'
import {exitCodes} from '../cli/exit-codes.ts'
import {parseNoOptions} from '../cli/parse-no-options.ts'

const description = 'Writes the table of jobs into README.md, as their declarations say it.'

await runCommand(async (argv, {stdout}) => {
  const help = parseNoOptions(argv, 'readme', description)
  if (help !== undefined) {
    stdout(help)
    return exitCodes.done
  }
  const isChanged = await writeReadmeTable(await loadCatalogue())
  stdout(isChanged ? 'README.md: the table of jobs is rewritten.' : 'README.md: the table of jobs is up to date.')
  return exitCodes.done
})
