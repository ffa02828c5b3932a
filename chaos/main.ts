/**
 * The chaos harness: `npm run chaos -- --faults N --seed S [--local-iterations K] [--program FILE]
 * [--target aws [--fleet resident]] [--plan]`. Trains with faults that follow from the seed, and compares with what comes
 * without any.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../lib/errors.ts';
import { fleetSchema } from '../lib/run/record/head.ts';
import { MAX_LOCAL_ITERATIONS } from '../lib/wire/messages.ts';
import { awsPlan, runOnAws } from './aws.ts';
import { ChaosStack } from './aws-stack.ts';
import { embeddedPlan, runEmbedded } from './embedded.ts';
import { type ChaosOptions, type ChaosOutcome, lineOf, problemsOf } from './outcome.ts';

const USAGE =
  'usage: npm run chaos -- --faults N --seed S [--local-iterations K] [--program FILE] [--target aws [--fleet resident]] [--plan]';

function readArguments() {
  const { values } = parseArgs({
    options: {
      faults: { type: 'string', default: '100' },
      seed: { type: 'string', default: '0' },
      'local-iterations': { type: 'string', default: '0' },
      program: { type: 'string' },
      target: { type: 'string', default: 'embedded' },
      fleet: { type: 'string' },
      plan: { type: 'boolean', default: false },
    },
  });
  const faults = whole('--faults', values.faults, 0, 100_000);
  const seed = whole('--seed', values.seed, 0, Number.MAX_SAFE_INTEGER);
  const local = values['local-iterations'];
  const localIterations = whole('--local-iterations', local, 0, MAX_LOCAL_ITERATIONS);
  const { target, plan, program, fleet } = values;
  if (target !== 'embedded' && target !== 'aws') {
    throw new Error(`--target ${target}: must be embedded or aws`);
  }
  if (fleet !== undefined && (target !== 'aws' || !fleetSchema.safeParse(fleet).success)) {
    throw new Error(`--fleet ${fleet}: must be event or resident, with --target aws`);
  }
  const own = program === undefined ? {} : { program };
  const who = fleet === undefined ? {} : { fleet: fleetSchema.parse(fleet) };
  return { faults, seed, localIterations, ...own, ...who, target, plan } as const;
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`${name} ${text}: must be a whole number from ${least} to ${most}`);
}

/** Deploy a stack for this run alone. */
async function deployAndRun(options: ChaosOptions): Promise<ChaosOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'lambduel-chaos-'));
  let outcome: ChaosOutcome | undefined;
  let left: string[] = [];
  try {
    options.say('deploying a stack on LocalStack');
    const stack = await ChaosStack.deploy();
    try {
      outcome = await runOnAws(stack, folder, options);
    } finally {
      left = await stack.dispose();
    }
    return { ...outcome, problems: [...outcome.problems, ...left] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<number> {
  let options: ReturnType<typeof readArguments>;
  try {
    options = readArguments();
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${USAGE}\n`);
    return 2;
  }
  const { plan, target, ...own } = options;
  if (plan) {
    const faults = target === 'aws' ? awsPlan(own) : embeddedPlan(own);
    process.stdout.write(faults.map((fault) => `${JSON.stringify(fault)}\n`).join(''));
    return 0;
  }
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  const chaos = { ...own, say, signal: stop.signal };
  const outcome = await (target === 'aws' ? deployAndRun(chaos) : runEmbedded(chaos));
  process.stdout.write(`${lineOf(outcome)}\n`);
  return problemsOf(outcome).length === 0 ? 0 : 1;
}

process.exitCode = await main();
