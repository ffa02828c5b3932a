/**
 * Milliseconds an iteration of Lambduel on this machine, as ratios to a bare tfjs-node loop in the same
 * run: `npm run bench:local`. Beside it the same iteration in TensorFlow Python, where Python has it
 * (`PYTHON` names another interpreter than `python3`).
 *
 * The variants take turns, round after round, so that a machine whose speed drifts slows all of them;
 * a ratio is that of the rounds' medians, and `ratios` has each round's own. A step's parts are
 * those of the last round; computing is within collecting.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { median, print, round, runLoop } from './processes.ts';
import { medianTimes, type Timed, type Times } from './timed.ts';

/** `ROUNDS=1 npm run bench:local` for a first look. */
const ROUNDS = Number(process.env.ROUNDS ?? 5);
/** Iterations of a loop: a large batch takes long. */
const LOOPS: Readonly<Record<number, { warmUp: number; iterations: number }>> = {
  128: { warmUp: 20, iterations: 60 },
  1024: { warmUp: 5, iterations: 15 },
};
/** A round of local iterations. */
const LOCAL = 20;
const ALL_THREADS = 0;
const CORES = availableParallelism();

/** A loop of another hand has no parts. */
type Result = Pick<Times, 'msPerIteration'> & Partial<Times>;
type Variant = () => Promise<Result> | Result | undefined;

const TOGETHER = { workers: 2, shards: 2, threads: 1 };
const ALONE = { workers: 1, shards: 1, threads: CORES };

function loopOf(batch: number): { warmUp: number; iterations: number } {
  return LOOPS[batch] ?? LOOPS[batch * 2] ?? { warmUp: 20, iterations: 60 };
}

async function bare(batch: number, threads: number): Promise<Result> {
  const { warmUp, iterations } = loopOf(batch);
  const lines = await runLoop('./bare-loop.ts', [warmUp + iterations, batch, threads]);
  return { msPerIteration: median(lines.slice(warmUp).map(Number)) };
}

async function lambduel(
  batch: number,
  others: Readonly<Record<string, number | string>>,
): Promise<Result> {
  const loop = loopOf(batch);
  const isLocal = 'localIterations' in others;
  const warmUp = isLocal ? 2 * LOCAL : loop.warmUp;
  const iterations = warmUp + (isLocal ? 4 * LOCAL : loop.iterations);
  const settings = { batch, ...others };
  const lines = await runLoop('./lambduel-loop.ts', [JSON.stringify({ ...settings, iterations })]);
  return medianTimes(lines.slice(warmUp).map((line) => JSON.parse(line) as Timed));
}

/** @returns undefined where Python has no TensorFlow */
function python(batch: number): Result | undefined {
  const script = fileURLToPath(new URL('./tf_function.py', import.meta.url));
  const { warmUp, iterations } = loopOf(batch);
  const args = [script, `${warmUp + iterations}`, `${batch}`];
  const { status, stdout } = spawnSync(process.env.PYTHON ?? 'python3', args, { encoding: 'utf8' });
  if (status !== 0) return undefined;
  return { msPerIteration: median(stdout.trim().split('\n').slice(warmUp).map(Number)) };
}

async function twoBare(batch: number): Promise<Result> {
  const both = await Promise.all([bare(batch / 2, 1), bare(batch / 2, 1)]);
  return { msPerIteration: Math.max(...both.map((loop) => loop.msPerIteration)) };
}

function variantsFor(batch: number): Readonly<Record<string, Variant>> {
  return {
    'bare, all threads': () => bare(batch, ALL_THREADS),
    'bare, 1 thread': () => bare(batch, 1),
    'tf.function in Python': () => python(batch),
    'every step, 1 worker': () => lambduel(batch, { ...ALONE }),
    'every step, 1 worker, eager': () => lambduel(batch, { ...ALONE, gradients: 'eager' }),
    'every step, 2 workers': () => lambduel(batch, { ...TOGETHER }),
    [`local iterations ${LOCAL}, 1 worker`]: () =>
      lambduel(batch, { ...ALONE, localIterations: LOCAL }),
    [`local iterations ${LOCAL}, 2 workers`]: () =>
      lambduel(batch, { ...TOGETHER, localIterations: LOCAL }),
    'limit: 2 bare loops of half the batch': () => twoBare(batch),
  };
}

for (const batch of [128, 1024]) {
  const variants = variantsFor(batch);
  const results = new Map(Object.keys(variants).map((name) => [name, [] as Result[]]));
  for (let i = 0; i < ROUNDS; i++) {
    process.stderr.write(`batch ${batch}: round ${i + 1} of ${ROUNDS}\n`);
    for (const [name, variant] of Object.entries(variants)) {
      const result = await variant();
      if (result) results.get(name)?.push(result);
    }
  }
  const baseline = (results.get('bare, all threads') ?? []).map((result) => result.msPerIteration);
  for (const [variant, rounds] of results) {
    if (rounds.length === 0) continue;
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
