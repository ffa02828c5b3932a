import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { node22 } from '../packed/node-22.ts';
import { TSX_ARGUMENTS } from '../support/processes.ts';

const run = promisify(execFile);
const MODULE = new URL('../../lib/cloud/collect-less.ts', import.meta.url).href;
const CODE = `(await import(${JSON.stringify(MODULE)})).collectLess(); console.log('goes on');`;

/** What it saves is measured by `npm run bench:aws`: when V8 collects depends on the machine too. */
it.each([
  ['this Node', async () => process.execPath],
  ['Node 22, as on AWS', node22],
])('%s knows the flag', async (_which, node) => {
  const args = [...TSX_ARGUMENTS, '--input-type=module', '--eval', CODE];
  const { stdout, stderr } = await run(await node(), args);
  expect(stdout).toBe('goes on\n');
  expect(stderr).toBe(''); // V8 tells of a flag that it does not know
});
