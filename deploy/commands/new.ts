import {runCommand} from '../cli/command.ts'
import {runNew} from '../new/new.ts'

await runCommand(runNew)
