import type { Command } from 'commander';
import { bundleProgram } from '../bundle/bundle-program.ts';
import { resolveDataset } from '../data/resolve.ts';
import { LambduelError } from '../errors.ts';
import type { CheckReport } from '../local/program-check.ts';
import { checkBundle } from './check-program.ts';
import { type CliContext, printLine } from './context.ts';
import { openTarget, type TargetOptions } from './open-target.ts';
import { readSettings } from './train-settings.ts';

interface CheckOptions extends TargetOptions {
  readonly set?: readonly string[];
  readonly dataset?: string;
  readonly batch?: string;
  readonly shards?: string;
  readonly backend?: string;
  readonly gradients?: string;
  readonly json?: boolean;
}

/** `lambduel program`: program files. */
export function addProgram(parent: Command, context: CliContext): void {
  const program = parent.command('program').description('check a program of your own');
  program
    .command('check')
    .description('try a program file: say what is wrong with it, how large and how fast it is')
    .argument('<file>', 'a .ts, .js or .mjs file; see docs/programs.md')
    .option('--set <name=value...>', 'a setting of the program')
    .option('--dataset <name>', 'the packed dataset that it has to fit (default: digits)')
    .option('--batch <n>', 'examples of a step')
    .option('--shards <n>', 'gradient jobs a step')
    .option('--backend <name>', 'auto, native or wasm (default: auto)')
    .option('--gradients <mode>', 'auto, compiled or eager (default: auto)')
    .option('--json', 'as one JSON object')
    .action((file: string, options: CheckOptions) => check(context, file, options));
}

async function check(context: CliContext, file: string, options: CheckOptions): Promise<void> {
  const {
    target,
    store,
    stack,
    json = false,
    debug: _,
    ...given
  } = options as CheckOptions & {
    readonly debug?: boolean;
  };
  const settings = await readSettings(given, undefined);
  const bundle = await bundleProgram(file);
  const opened = await openTarget({ target, ...(store && { store }), ...(stack && { stack }) });
  const { form } = await resolveDataset(opened.store, settings.dataset ?? 'digits');
  const report = await checkBundle(context.env, bundle, settings, form);
  if (json) printLine(context, JSON.stringify({ file, ...report }));
  else for (const line of linesOf(report)) printLine(context, line);
  requireNoProblems(report);
}

/** @throws LambduelError when a check has found something wrong */
export function requireNoProblems({ name, problems }: CheckReport): void {
  if (problems.length === 0) return;
  throw new LambduelError(`Program ${name}: ${problems.join('\n')}`, {
    hint: 'docs/programs.md has the rules that a program keeps.',
  });
}

function linesOf({ name, settings, ...report }: CheckReport): string[] {
  const { batch, shards, networks, phases, memoryMb } = report;
  const set = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  return [
    `program   ${name}${set.length > 0 ? `: ${set.join(' ')}` : ''}`,
    ...networks.map(
      ({ name: network, parameters }) => `network   ${network}: ${parameters} parameters`,
    ),
    ...phases.map(
      ({ name: phase, network, ms }) =>
        `phase     ${phase} of ${network}: ${ms.toFixed(1)} ms a gradient here (batch ${batch} in ${shards} shards)`,
    ),
    `memory    ${memoryMb} MB of a worker`,
  ];
}
