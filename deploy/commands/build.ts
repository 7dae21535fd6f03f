import {runBuild} from '../bundle/build.ts'
import {runCommand} from '../cli/command.ts'

await runCommand(runBuild)
