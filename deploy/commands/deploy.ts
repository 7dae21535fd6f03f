import {runCommand} from '../cli/command.ts'
import {runDeploy} from '../cloud/deploy.ts'

await runCommand(runDeploy)
