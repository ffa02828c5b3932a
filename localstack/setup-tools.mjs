/** What LocalStack's installation shares with the set-up of a clone; typed in setup-tools.d.mts. */
export { run } from '../bin/setup/command.mjs';
export { readJson, sha256, writeJson } from '../bin/setup/files.mjs';
export { withLock } from '../bin/setup/lock.mjs';
export { createProgress } from '../bin/setup/progress.mjs';
