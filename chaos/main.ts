/**
 * The chaos harness: `npm run chaos -- --faults N --seed S` and the options of {@link USAGE}. Trains
 * with faults that follow from the seed, and compares with what comes without any.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../lib/errors.ts';
import { deployStack } from '../localstack/deployed-stack.ts';
import { readArguments, USAGE } from './arguments.ts';
import { awsPlan, runOnAws } from './aws.ts';
import { ChaosStack } from './aws-stack.ts';
import { embeddedPlan, runEmbedded } from './embedded.ts';
import { type ChaosOptions, type ChaosOutcome, lineOf, problemsOf } from './outcome.ts';

/** Deploy a stack for this run alone. */
async function deployAndRun(options: ChaosOptions): Promise<ChaosOutcome> {
  options.say('deploying a stack on LocalStack');
  const deployed = await deployStack({ ownPrograms: 'true' });
  const folder = await mkdtemp(join(tmpdir(), 'lambduel-chaos-'));
  let stack: ChaosStack | undefined;
  let outcome: ChaosOutcome;
  try {
    stack = await ChaosStack.of(deployed);
    outcome = await runOnAws(stack, folder, options);
  } finally {
    await stack?.release();
    await deployed.dispose();
    await rm(folder, { recursive: true, force: true });
  }
  return { ...outcome, problems: [...outcome.problems, ...(await stack.endProcesses())] };
}

async function main(): Promise<number> {
  let options: ReturnType<typeof readArguments>;
  try {
    options = readArguments(process.argv.slice(2));
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
