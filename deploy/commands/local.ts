import {runCommand} from '../cli/command.ts'
import {serveConsoleBeside} from '../console/serve-beside.ts'
import {runLocal} from '../local/local.ts'

await runCommand((argv, io, signal) => runLocal(argv, io, signal, serveConsoleBeside))
