import {runCommand} from '../cli/command.ts'
import {runConsole} from '../console/console.ts'

await runCommand(runConsole)
