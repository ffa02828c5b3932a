import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { targets } from './targets.ts';

export const USAGE = 'usage: npm run fuzz [-- --target NAME --runs N --seed S]';
const RUNS = 100_000;
const MAX_SEED = 2 ** 31 - 1;

/** Parse the command line of the fuzzer. @throws Error: what is wrong */
export function readArguments(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
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
