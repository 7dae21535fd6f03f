import {runCommand} from '../command.ts'
import {createCommandIo} from '../command-io.ts'
import {runList} from '../list-command.ts'

await runCommand((argv, signal) => runList(argv, createCommandIo(process), signal))
