import {runCommand} from '../command.ts'
import {createCommandIo} from '../command-io.ts'
import {runPause} from '../pause-command.ts'

await runCommand((argv, signal) => runPause('pause', argv, createCommandIo(process), signal))
