import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type StackOutputs, stackOutputsSchema } from '../lib/cloud/outputs.ts';
import { type LocalStack, startLocalStack } from './start.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CDK = join(ROOT, 'node_modules', '.bin', 'cdklocal');

/** A stack on LocalStack, deployed by the commands that README names. */
export interface DeployedStack {
  readonly localStack: LocalStack;
  readonly outputs: StackOutputs;
  dispose(): Promise<void>;
}

/**
 * Bootstrap LocalStack, and deploy the real stack.
 *
 * @param start the LocalStack to use; default: a new one, unless the environment names one
 */
export async function deployStack(
  context: Record<string, string> = {},
  start: () => Promise<LocalStack> = startLocalStack,
): Promise<DeployedStack> {
  const localStack = await start();
  const folder = await mkdtemp(join(tmpdir(), 'lambduel-cdk-'));
  // Templates are validated by tests of their own.
  const env = { ...process.env, ...localStack.env, CI: 'true', CDK_VALIDATION: 'false' };
  const options = Object.entries(context).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const cdk = (...args: readonly string[]) =>
    run(CDK, [...args, '--output', join(folder, 'cdk.out'), ...options], env);
  const dispose = async () => {
    await localStack.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const file = join(folder, 'outputs.json');
    await cdk('bootstrap');
    await cdk('deploy', '--require-approval', 'never', '--outputs-file', file);
    const stacks = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    const outputs = stackOutputsSchema.parse(Object.values(stacks)[0]);
    return { localStack, outputs, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Run a command to its end. @throws with all that it said when it fails */
async function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${said}`);
}
