import {runCatchUp} from '../catch-up/catch-up.ts'
import {runCommand} from '../cli/command.ts'

await runCommand(runCatchUp)
