/**
 * Milliseconds an iteration of Lambduel on this machine, as ratios to a bare tfjs-node loop in the same
 * run: `npm run bench:local`, for one program `npm run bench:local -- dcgan`. Beside it the same
 * iteration of `mlp-gan` in TensorFlow Python, where Python has it (`PYTHON` names another interpreter
 * than `python3`).
 *
 * The variants take turns, round after round, so that a machine whose speed drifts slows all of them;
 * a ratio is that of the rounds' medians, and `ratios` has each round's own. A step's parts are
 * those of the last round; computing is within collecting.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fleetOf } from './fleet.ts';
import { median, print, round, runLoop } from './processes.ts';
import { type ProgramName, presetOf, programNames } from './programs.ts';
import { medianTimes, type Timed, type Times } from './timed.ts';

/** `ROUNDS=1 npm run bench:local` for a first look. */
const ROUNDS = Number(process.env.ROUNDS ?? 5);
/** A round of local iterations. */
const LOCAL = 20;
const ALL_THREADS = 0;
const TOGETHER = fleetOf(2);
const ALONE = fleetOf(1);

/** What is iterated, and how often: an iteration of convolutions or of a large batch takes long. */
interface Case {
  readonly program: ProgramName;
  readonly batch: number;
  readonly warmUp: number;
  readonly iterations: number;
}

const CASES: readonly Case[] = [
  { program: 'mlp-gan', batch: 128, warmUp: 20, iterations: 60 },
  { program: 'mlp-gan', batch: 1024, warmUp: 5, iterations: 15 },
  { program: 'dcgan', batch: 128, warmUp: 5, iterations: 15 },
];

/** A loop of another hand has no parts. */
type Result = Pick<Times, 'msPerIteration'> & Partial<Times>;
type Variant = () => Promise<Result> | Result | undefined;

async function bare({ program, batch, warmUp, iterations }: Case, threads: number) {
  const lines = await runLoop('./bare-loop.ts', [program, warmUp + iterations, batch, threads]);
  return { msPerIteration: median(lines.slice(warmUp).map(Number)) };
}

async function lambduel(of: Case, others: Readonly<Record<string, number | string>>) {
  const isLocal = 'localIterations' in others;
  const warmUp = isLocal ? 2 * LOCAL : of.warmUp;
  const iterations = warmUp + (isLocal ? 4 * LOCAL : of.iterations);
  const settings = { preset: presetOf[of.program], batch: of.batch, ...others };
  const lines = await runLoop('./lambduel-loop.ts', [JSON.stringify({ ...settings, iterations })]);
  return medianTimes(lines.slice(warmUp).map((line) => JSON.parse(line) as Timed));
}

/** @returns undefined where Python has no TensorFlow */
function python({ batch, warmUp, iterations }: Case): Result | undefined {
  const script = fileURLToPath(new URL('./tf_function.py', import.meta.url));
  const args = [script, `${warmUp + iterations}`, `${batch}`];
  const { status, stdout } = spawnSync(process.env.PYTHON ?? 'python3', args, { encoding: 'utf8' });
  if (status !== 0) return undefined;
  return { msPerIteration: median(stdout.trim().split('\n').slice(warmUp).map(Number)) };
}

async function twoBare(of: Case): Promise<Result> {
  const half = { ...of, batch: of.batch / 2 };
  const both = await Promise.all([bare(half, 1), bare(half, 1)]);
  return { msPerIteration: Math.max(...both.map((loop) => loop.msPerIteration)) };
}

function variantsOf(of: Case): Readonly<Record<string, Variant>> {
  const inPython = { 'tf.function in Python': () => python(of) };
  return {
    'bare, all threads': () => bare(of, ALL_THREADS),
    'bare, 1 thread': () => bare(of, 1),
    ...(of.program === 'mlp-gan' ? inPython : {}),
    'every step, 1 worker': () => lambduel(of, { ...ALONE }),
    'every step, 1 worker, eager': () => lambduel(of, { ...ALONE, gradients: 'eager' }),
    'every step, 2 workers': () => lambduel(of, { ...TOGETHER }),
    [`local iterations ${LOCAL}, 1 worker`]: () =>
      lambduel(of, { ...ALONE, localIterations: LOCAL }),
    [`local iterations ${LOCAL}, 2 workers`]: () =>
      lambduel(of, { ...TOGETHER, localIterations: LOCAL }),
    'limit: 2 bare loops of half the batch': () => twoBare(of),
  };
}

async function measure(of: Case): Promise<void> {
  const { program, batch } = of;
  const variants = variantsOf(of);
  const results = new Map(Object.keys(variants).map((name) => [name, [] as Result[]]));
  for (let i = 0; i < ROUNDS; i++) {
    process.stderr.write(`${program}, batch ${batch}: round ${i + 1} of ${ROUNDS}\n`);
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
      program,
      batch,
      variant,
      ...rounds.at(-1),
      msPerIteration: round(median(ms)),
      ratio: round(median(ms) / median(baseline)),
      ratios: ms.map((value, i) => round(value / (baseline[i] ?? Number.NaN))),
    });
  }
}

const [chosen] = process.argv.slice(2);
if (chosen !== undefined && !programNames.some((name) => name === chosen)) {
  process.stderr.write(
    `error: there is no program ${chosen}: choose ${programNames.join(' or ')}\n`,
  );
  process.exit(2);
}
for (const each of CASES) if (!chosen || each.program === chosen) await measure(each);
