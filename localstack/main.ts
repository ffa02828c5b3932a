/**
 * `npm run localstack [-- --port N]`: runs LocalStack in the foreground until Ctrl-C, and prints
 * the variables that make AWS clients use it.
 */
import { parseArgs } from 'node:util';
import { LambduelError, messageOf, UsageError } from '../lib/errors.ts';
import { launchLocalStack, type OwnLocalStack } from './start.ts';

const DEFAULT_PORT = 4566;

function parsePort(args: string[]): number {
  const { port } = parseOptions(args);
  const number = Number(port ?? DEFAULT_PORT);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new UsageError(`--port must be a number from 0 to 65535, not ${port}.`);
  }
  return number;
}

function parseOptions(args: string[]): { port?: string | undefined } {
  try {
    return parseArgs({ args, options: { port: { type: 'string' } } }).values;
  } catch (cause) {
    throw new UsageError(messageOf(cause), {
      hint: 'Usage: npm run localstack [-- --port N]',
      cause,
    });
  }
}

function printExports({ env }: OwnLocalStack): void {
  const pairs = Object.entries(env).map((pair) => pair.join('='));
  console.log(`export ${pairs.slice(0, 2).join(' ')}\nexport ${pairs.slice(2).join(' ')}`);
}

function stopAsked(): Promise<'asked'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => resolve('asked'));
    }
  });
}

async function main(args: string[]): Promise<number> {
  const localStack = await launchLocalStack({ port: parsePort(args) });
  const asked = stopAsked();
  printExports(localStack);
  console.error('LocalStack is running; end it with Ctrl-C.');
  const why = await Promise.race([asked, localStack.ended]);
  await localStack.stop();
  if (why === 'asked') return 0;
  console.error(`lambduel: LocalStack has ended by itself; its log is ${localStack.log}`);
  return 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`lambduel: ${messageOf(error)}`);
  const known = error instanceof LambduelError ? error : undefined;
  if (known?.hint) console.error(`  ${known.hint}`);
  process.exitCode = known?.exitCode ?? 1;
}
