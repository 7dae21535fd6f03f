import {runCommand} from '../cli/command.ts'
import {runDeadLetters} from '../dead-letters/dead-letters.ts'

await runCommand(runDeadLetters)
