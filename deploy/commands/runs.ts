import {runCommand} from '../cli/command.ts'
import {runRuns} from '../runs/runs.ts'

await runCommand(runRuns)
