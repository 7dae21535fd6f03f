import {runCommand} from '../command.ts'
import {createCommandIo} from '../command-io.ts'
import {runReplay} from '../replay-command.ts'

await runCommand((argv, signal) => runReplay(argv, createCommandIo(process), signal))
