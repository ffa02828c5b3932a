import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { chooseBackend, nativeIsInstalled } from '../backend/choose.ts';
import { loadBackend } from '../backend/load.ts';
import { messageOf } from '../errors.ts';
import { isInstalledPackage } from '../installation/clone.mjs';
import { nativeStatus } from '../installation/native-status.mjs';
import { findTool, type ToolName } from '../installation/tools.mjs';
import { type CliContext, printLine } from './context.ts';
import type { Finding } from './finding.ts';

const HEALTH_TIMEOUT_MS = 1000;
const DEFAULT_ENDPOINT = 'http://127.0.0.1:4566';

/** `lambduel doctor`: what was found on this machine, and a remedy for what is missing. */
export function addDoctor(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description('show what this machine has, and how to get what is missing')
    .action(async () => {
      const findings = [
        { what: 'Node.js', ok: true, found: process.version },
        native(),
        await backend(),
        { what: 'threads', ok: true, found: `${availableParallelism()} can run at once` },
        tool(
          'Python',
          'python3',
          'Install Python 3.11 or later; the native backend and LocalStack need it.',
        ),
        tool('pip', 'pip', 'Install pip for Python 3; the native backend and LocalStack need it.'),
        tool('C++ compiler', 'c++', 'Install g++; the native backend is compiled with it.'),
        await localStack(context.env),
        ...(await aws()),
        tool(
          'Docker',
          'docker-daemon',
          'Only needed to deploy native workers as a container image (`-c packaging=image`).',
        ),
      ];
      for (const finding of findings) print(context, finding);
    });
}

function print(context: CliContext, { what, ok, found, remedy }: Finding): void {
  printLine(context, `${ok ? 'ok' : '--'}  ${what.padEnd(15)} ${found}`);
  if (!ok && remedy) printLine(context, `    ${' '.repeat(15)} ${remedy}`);
}

function native(): Finding {
  if (isInstalledPackage()) return nativeOfNpm();
  const { available, how, reason, remedy } = nativeStatus();
  const found = available ? `installed (${how})` : `not installed: ${reason ?? 'unknown'}`;
  return { what: 'native backend', ok: available, found, remedy: remedy ?? undefined };
}

/** Where Lambduel is a package of another project, npm has installed the backend, or has not. */
function nativeOfNpm(): Finding {
  const ok = nativeIsInstalled();
  const found = ok ? 'installed' : 'not installed: npm has not downloaded its library';
  const remedy =
    'Run `npm rebuild @tensorflow/tfjs-node`, where storage.googleapis.com can be reached.';
  return { what: 'native backend', ok, found, remedy };
}

/** Loads what training would use, because what is installed need not work. */
async function backend(): Promise<Finding> {
  const name = chooseBackend('auto');
  try {
    const { version } = await loadBackend(name, 1);
    return { what: 'backend', ok: true, found: `${name}, TensorFlow.js ${version}, loads` };
  } catch (error) {
    const remedy = 'Run `node bin/setup.mjs --retry`, or train with --backend wasm.';
    return { what: 'backend', ok: false, found: messageOf(error), remedy };
  }
}

function tool(what: string, name: ToolName, remedy: string): Finding {
  const found = findTool(name);
  return { what, ok: found !== null, found: found ?? 'not found', remedy };
}

async function localStack(env: CliContext['env']): Promise<Finding> {
  const endpoint = env.AWS_ENDPOINT_URL ?? DEFAULT_ENDPOINT;
  const remedy =
    'Start it with `npm run localstack`; only needed to try the AWS side on this machine.';
  try {
    const signal = AbortSignal.timeout(HEALTH_TIMEOUT_MS);
    const response = await fetch(`${endpoint}/_localstack/health`, { signal });
    const found = response.ok ? `answers at ${endpoint}` : `${endpoint} says ${response.status}`;
    return { what: 'LocalStack', ok: response.ok, found, remedy };
  } catch {
    return { what: 'LocalStack', ok: false, found: `nothing answers at ${endpoint}`, remedy };
  }
}

/** Loads the AWS SDK, which other local commands do not need. */
async function aws(): Promise<Finding[]> {
  const { awsFindings } = await import('./aws-doctor.ts');
  return awsFindings();
}
