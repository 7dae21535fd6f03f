import {runCommand} from '../cli/command.ts'
import {runDoctor} from '../doctor/doctor.ts'

await runCommand(runDoctor)
