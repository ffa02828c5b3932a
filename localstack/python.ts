import { run } from '../bin/setup/command.mjs';
import { LocalStackError } from './errors.ts';

const CANDIDATES = ['python3', 'python3.13', 'python3.12', 'python3.11'];
const INSTALL = 'Debian and Ubuntu: `sudo apt-get install python3 python3-venv`';

/** Succeeds where a virtual environment can be made. */
const PROBE = `
import sys
if sys.version_info < (3, 11):
    sys.exit("Python " + sys.version.split()[0])
import ensurepip, venv
`;

/**
 * The command of a Python that can run LocalStack.
 *
 * @throws LocalStackError without one
 */
export async function findPython(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  if (process.platform === 'win32') {
    throw new LocalStackError('LocalStack without Docker does not run on Windows.', {
      hint: 'Use WSL, or set AWS_ENDPOINT_URL to a LocalStack that is running.',
    });
  }
  let reason = 'there is no python3 in the PATH';
  for (const command of CANDIDATES) {
    const { code, output } = await run(command, ['-c', PROBE], { env });
    if (code === 0) return command;
    if (command === 'python3' && code !== 127) reason = `python3 says: ${lastLine(output)}`;
  }
  throw new LocalStackError(
    `LocalStack needs Python 3.11 or later with its module venv, but ${reason}.`,
    { hint: `Install it (${INSTALL}), or set AWS_ENDPOINT_URL to a LocalStack that is running.` },
  );
}

function lastLine(output: string): string {
  return output.split('\n').at(-1) ?? '';
}
