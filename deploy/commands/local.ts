import {runCommand} from '../cli/command.ts'
import {runLocal} from '../local/local.ts'

await runCommand(runLocal)
