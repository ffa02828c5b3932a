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
      const variables = await environmentOf(pid);
      const wanted = variables.some((each) =>
        name === '' ? each.startsWith(`${NAME}=`) : each === `${NAME}=${name}`,
      );
      return wanted && variables.includes(`AWS_ENDPOINT_URL=${endpoint}`) ? [pid] : [];
    }),
  );
  return found.flat();
}

/** What a process has in its environment, as `NAME=value`. Empty: it has ended. */
export async function environmentOf(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  return text.split('\0');
}
