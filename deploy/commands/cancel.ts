import {runCommand} from '../cli/command.ts'
import {runCancel} from '../runs/cancel.ts'

await runCommand(runCancel)
