import {runCommand} from '../command.ts'
import {createCommandIo} from '../command-io.ts'
import {runDoctor} from '../doctor-command.ts'

await runCommand((argv, signal) => runDoctor(argv, createCommandIo(process), signal))
