import {runCommand} from '../cli/command.ts'
import {runLogs} from '../runs/logs.ts'

await runCommand(runLogs)
