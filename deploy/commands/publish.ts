import {runCommand} from '../cli/command.ts'
import {runPublish} from '../publish/publish.ts'

await runCommand(runPublish)
