import {runCommand} from '../cli/command.ts'
import {runFaults} from '../local/faults.ts'

await runCommand(runFaults)
