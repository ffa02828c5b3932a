/**
 * Preloaded into a process: at the call of the file system with the number AT, counted from 1, the
 * process is killed (FAULT=kill), or the disk is full (FAULT=full, which counts only calls that need
 * room). A write writes half before. Prints the number of calls when the process ends.
 */
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const { FAULT, AT } = process.env;
const NEED_ROOM = ['mkdir', 'write', 'writeFile'];
const CALLS = ['link', 'mkdir', 'open', 'readFile', 'rename', 'rm', 'utimes', 'writeFile'];
let calls = 0;

/**
 * @param {Record<string, any>} object
 * @param {string} name
 * @param {(...args: any[]) => Promise<unknown>} [half]
 */
function wrap(object, name, half = async () => {}) {
  const original = object[name].bind(object);
  object[name] = async (/** @type {any[]} */ ...args) => {
    if (FAULT === 'full' && !NEED_ROOM.includes(name)) return original(...args);
    calls++;
    if (calls !== Number(AT)) return original(...args);
    await half(...args);
    if (FAULT === 'kill') process.kill(process.pid, 'SIGKILL');
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
}

for (const name of CALLS) wrap(fs, name);
const { open } = fs;
fs.open = async (...args) => {
  const handle = await open(...args);
  const write = handle.write.bind(handle);
  wrap(handle, 'write', (bytes, offset, length, position) =>
    write(bytes, offset, Math.floor(length / 2), position),
  );
  return handle;
};
syncBuiltinESMExports();
process.on('exit', () => process.stderr.write(`\n${calls}`));
