/**
 * Seconds an iteration of Lambduel on this machine, as ratios to a bare tfjs-node loop in the same
 * run: `npm run bench:local`. Also the machine's own limit: two bare loops on one thread each at half
 * the batch, side by side.
 *
 * The variants take turns, round after round, so that a machine whose speed drifts slows all of them;
 * a ratio is that of the rounds' medians, and `ratios` has each round's own. A step's parts are
 * those of the last round; computing is within collecting.
 */
import { median, print, round, runLoop } from './processes.ts';
import { medianTimes, type Timed, type Times } from './timed.ts';

const ROUNDS = 3;
const WARM_UP = 10;
const ITERATIONS = 40;
const ALL_THREADS = 0;

/** A bare loop's steps have no parts. */
type Result = Pick<Times, 'msPerIteration'> & Partial<Times>;

async function bare(batch: number, threads: number): Promise<Result> {
  const lines = await runLoop('./bare-loop.ts', [WARM_UP + ITERATIONS, batch, threads]);
  return { msPerIteration: median(lines.slice(WARM_UP).map(Number)) };
}

async function lambduel(batch: number, workers: number): Promise<Result> {
  const args = [WARM_UP + ITERATIONS, batch, workers, workers];
  const lines = await runLoop('./lambduel-loop.ts', args);
  return medianTimes(lines.slice(WARM_UP).map((line) => JSON.parse(line) as Timed));
}

async function twoBare(batch: number): Promise<Result> {
  const both = await Promise.all([bare(batch / 2, 1), bare(batch / 2, 1)]);
  return { msPerIteration: Math.max(...both.map((loop) => loop.msPerIteration)) };
}

for (const batch of [128, 1024]) {
  const variants: Readonly<Record<string, () => Promise<Result>>> = {
    'bare, all threads': () => bare(batch, ALL_THREADS),
    'bare, 1 thread': () => bare(batch, 1),
    'Lambduel, 1 worker': () => lambduel(batch, 1),
    'Lambduel, 2 workers': () => lambduel(batch, 2),
    'limit: 2 bare loops of half the batch': () => twoBare(batch),
  };
  const results = new Map(Object.keys(variants).map((name) => [name, [] as Result[]]));
  for (let i = 0; i < ROUNDS; i++) {
    process.stderr.write(`batch ${batch}: round ${i + 1} of ${ROUNDS}\n`);
    for (const [name, variant] of Object.entries(variants)) {
      results.get(name)?.push(await variant());
    }
  }
  const baseline = (results.get('bare, all threads') ?? []).map((result) => result.msPerIteration);
  for (const [variant, rounds] of results) {
    const ms = rounds.map((result) => result.msPerIteration);
    print({
      bench: 'local',
      batch,
      variant,
      ...rounds.at(-1),
      msPerIteration: round(median(ms)),
      ratio: round(median(ms) / median(baseline)),
      ratios: ms.map((value, i) => round(value / (baseline[i] ?? Number.NaN))),
    });
  }
}
