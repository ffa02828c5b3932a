/**
 * Runs one program for command.mjs and ends with it; ends it when the set-up is gone.
 *
 * A set-up that is killed outright cannot stop its programs any more, and an `npm ci` left alone
 * would go on writing beside the next one. What always happens is that this process's stdin, a pipe
 * from the set-up, closes.
 *
 * Usage: node supervise.mjs COMMAND [ARGUMENT ...]
 */
import { spawn, spawnSync } from 'node:child_process';

const [command = '', ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], windowsHide: true });

child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
child.on('exit', (code, signal) => {
  if (signal) {
    process.kill(process.pid, signal);
  }
  process.exit(code ?? 1);
});

process.stdin.on('close', stopGroup);
process.stdin.resume();

/** This process leads the group, so the signal ends it too. */
function stopGroup() {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f'], { windowsHide: true });
    process.exit(1);
  }
  process.kill(-process.pid, 'SIGKILL');
}
