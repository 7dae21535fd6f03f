import {runCommand} from '../cli/command.ts'
import {runPause} from '../schedules/pause.ts'

await runCommand(runPause)
