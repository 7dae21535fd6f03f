import {runCommand} from '../cli/command.ts'
import {runRelease} from '../release/release.ts'

await runCommand(runRelease)
