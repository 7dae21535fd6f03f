import {runCommand} from '../command.ts'
import {createCommandIo} from '../command-io.ts'
import {runDeadLetters} from '../dead-letters-command.ts'

await runCommand((argv, signal) => runDeadLetters(argv, createCommandIo(process), signal))
