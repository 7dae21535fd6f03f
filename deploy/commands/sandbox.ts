import {runCommand} from '../cli/command.ts'
import {runSandbox} from '../local/inspect.ts'

await runCommand(runSandbox)
