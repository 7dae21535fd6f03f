import {watchInterrupts} from '../../deploy/cli/interrupts.ts'

/*
 * Stands for a command that runs for long: prints its process id, a tick behind every look at npm, each SIGHUP, and why
 * it ended.
 */
const pollMilliseconds = 100
const {signal, close} = watchInterrupts(process, {pollMilliseconds})
const print = (line: string) => void process.stdout.write(`${line}\n`)
const ticks = setInterval(() => setImmediate(print, 'tick'), pollMilliseconds)
process.on('SIGHUP', () => print('SIGHUP'))
signal.addEventListener('abort', () => {
  clearInterval(ticks)
  close()
  print('interrupted')
  process.exit()
})
print(`started ${process.pid}`)
