import {runCommand} from '../command.ts'
import {createCommandIo} from '../command-io.ts'
import {runRuns} from '../runs-command.ts'

await runCommand((argv, signal) => runRuns(argv, createCommandIo(process), signal))
