import {runCommand} from '../cli/command.ts'
import {runList} from '../list/list.ts'

await runCommand(runList)
