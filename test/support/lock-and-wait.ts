import {lockSandboxFolder} from '../../deploy/local/folder/sandbox-lock.ts'

/* A process that takes the sandbox folder that it is given, says so, and keeps it until it is killed. */
const lock = await lockSandboxFolder(process.argv[2] ?? '', () => new Date())
process.stdout.write('locked\n')
process.stdin.once('close', lock.release).resume()
