/**
 * Seconds an iteration of Lambduel on this machine, as ratios to a bare tfjs-node loop in the same
 * run: `npm run bench:local`. Also the machine's own limit: two bare loops on one thread each at half
 * the batch, side by side.
 *
 * The variants take turns, round after round, so that a machine whose speed drifts slows all of them;
 * a ratio is that of the rounds' medians, and `ratios` has each round's own.
 */
import { median, print, round, runLoop } from './processes.ts';

const ROUNDS = 3;
const WARM_UP = 10;
const ITERATIONS = 40;
const ALL_THREADS = 0;

const bare = (batch: number, threads: number) =>
  runLoop('./bare-loop.ts', [WARM_UP + ITERATIONS, batch, threads]).then((lines) =>
    msPerIteration(lines.map(Number)),
  );

const lambduel = (batch: number, workers: number) =>
  runLoop('./lambduel-loop.ts', [WARM_UP + ITERATIONS, batch, workers, workers]).then((lines) =>
    msPerIteration(lines.map((line) => (JSON.parse(line) as { ms: number }).ms)),
  );

const twoBare = (batch: number) =>
  Promise.all([bare(batch / 2, 1), bare(batch / 2, 1)]).then((both) => Math.max(...both));

for (const batch of [128, 1024]) {
  const variants: Readonly<Record<string, () => Promise<number>>> = {
    'bare, all threads': () => bare(batch, ALL_THREADS),
    'bare, 1 thread': () => bare(batch, 1),
    'Lambduel, 1 worker': () => lambduel(batch, 1),
    'Lambduel, 2 workers': () => lambduel(batch, 2),
    'limit: 2 bare loops of half the batch': () => twoBare(batch),
  };
  const times = new Map(Object.keys(variants).map((name) => [name, [] as number[]]));
  for (let i = 0; i < ROUNDS; i++) {
    process.stderr.write(`batch ${batch}: round ${i + 1} of ${ROUNDS}\n`);
    for (const [name, variant] of Object.entries(variants)) times.get(name)?.push(await variant());
  }
  const baseline = times.get('bare, all threads') ?? [];
  for (const [variant, ms] of times) {
    print({
      bench: 'local',
      batch,
      variant,
      msPerIteration: round(median(ms)),
      ratio: round(median(ms) / median(baseline)),
      ratios: ms.map((value, i) => round(value / (baseline[i] ?? Number.NaN))),
    });
  }
}

function msPerIteration(ms: readonly number[]): number {
  return median(ms.slice(WARM_UP));
}
