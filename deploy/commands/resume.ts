import {runCommand} from '../cli/command.ts'
import {runResume} from '../schedules/pause.ts'

await runCommand(runResume)
