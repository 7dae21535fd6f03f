import {runCommand} from '../command.ts'
import {createCommandIo} from '../command-io.ts'
import {runRelease} from '../release-command.ts'

await runCommand((argv, signal) => runRelease(argv, createCommandIo(process), signal))
