import {runCommand} from '../command.ts'
import {createCommandIo} from '../command-io.ts'
import {runPublish} from '../publish-command.ts'

await runCommand((argv, signal) => runPublish(argv, createCommandIo(process), signal))
