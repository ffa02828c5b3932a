import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { wholeArgument } from '../support/whole-argument.ts';
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
    runs: wholeArgument('--runs', values.runs, 1, 100_000_000),
    seed: wholeArgument('--seed', values.seed, 0, MAX_SEED),
  };
}
