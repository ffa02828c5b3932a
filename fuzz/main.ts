/**
 * Fuzzes the parsers of untrusted bytes: `npm run fuzz [-- --target NAME --runs N --seed S]`. One JSON
 * line a target on standard output; exit code 1 when one of them does what it promises not to do.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { messageOf } from '../lib/errors.ts';
import { fuzz } from './fuzz.ts';
import { targets } from './targets.ts';

const USAGE = 'usage: npm run fuzz [-- --target NAME --runs N --seed S]';
const RUNS = 100_000;
const MAX_SEED = 2 ** 31 - 1;

function readArguments() {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', multiple: true },
      runs: { type: 'string', default: `${RUNS}` },
      seed: { type: 'string', default: `${randomInt(MAX_SEED)}` },
    },
  });
  const known = targets.map(({ name }) => name);
  const chosen = values.target ?? known;
  const unknown = chosen.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`--target ${unknown}: there is ${known.join(', ')}`);
  }
  return {
    targets: [...new Set(chosen)],
    runs: whole('--runs', values.runs, 1, 100_000_000),
    seed: whole('--seed', values.seed, 0, MAX_SEED),
  };
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`${name} ${text}: must be a whole number from ${least} to ${most}`);
}

async function main(): Promise<number> {
  let order: ReturnType<typeof readArguments>;
  try {
    order = readArguments();
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${USAGE}\n`);
    return 2;
  }
  const { runs, seed } = order;
  process.stderr.write(`${runs} inputs a parser, seed ${seed}\n`);
  let failed = false;
  for (const name of order.targets) {
    const reports = await fuzz({ ...order, targets: [name] }, (target, inputs) => {
      if (inputs % 10_000 === 0) process.stderr.write(`${target}: ${inputs} of ${runs}\n`);
    });
    for (const report of reports) {
      failed ||= report.finding !== null;
      process.stdout.write(`${JSON.stringify(report)}\n`);
    }
  }
  return failed ? 1 : 0;
}

process.exitCode = await main();
