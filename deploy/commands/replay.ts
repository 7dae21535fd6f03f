import {runCommand} from '../cli/command.ts'
import {runReplay} from '../dead-letters/replay.ts'

await runCommand(runReplay)
