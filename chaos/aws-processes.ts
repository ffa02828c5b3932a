import { readdir, readFile } from 'node:fs/promises';

/** What each execution environment on LocalStack has in its environment. */
const NAME = 'AWS_LAMBDA_FUNCTION_NAME';

/**
 * The processes that LocalStack runs a function in, by what is in their environments: the function's
 * name, and the endpoint that no other LocalStack's functions have. On Linux only.
 */
export async function functionProcesses(endpoint: string, name = ''): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((file) => /^\d+$/.test(file)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      const variables = new Set(text.split('\0'));
      const wanted = name === '' ? text.includes(`${NAME}=`) : variables.has(`${NAME}=${name}`);
      return wanted && variables.has(`AWS_ENDPOINT_URL=${endpoint}`) ? [pid] : [];
    }),
  );
  return found.flat();
}
