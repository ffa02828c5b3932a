/**
 * Wall time to a fixed score: `npm run bench:quality [-- OPTIONS]`. Trains until the Frechet distance of
 * 2,000 images is as low as the target, with every step averaged and with local iterations, on 1 and 2
 * workers, and prints a table of medians and ranges over the seeds.
 *
 * An iteration has the same number of examples in every variant, the preset's batch of 128: one worker
 * has one shard, or lane, of 128, and two workers have two of 64, unless `--shards` says otherwise. See
 * `quality-loop.ts` for what is timed.
 *
 * - `--program`, `--k`, `--workers`, `--seeds`: lists with commas, to choose from the variants; K = 0
 *   averages every step
 * - `--shards`: shards, or lanes, of every variant
 * - `--wire`: a list of how gradients, and after a slash weights, travel: `f32,f32/f16,int8/f16`
 * - `--target-score`, `--max-iterations`, `--score-every`: default by program, in `quality-options.ts`
 * - `--whole`: train to the last iteration, for whole curves
 * - `--json`: a line a variant, with the scores in the course of each run
 */
import { reportError } from '../lib/cli/errors.ts';
import { UsageError } from '../lib/errors.ts';
import { fleetOf } from './fleet.ts';
import { print, runLoop } from './processes.ts';
import { presetOf } from './programs.ts';
import { type QualityOptions, readOptions, type Variant } from './quality-options.ts';
import { type CurvePoint, type ScoredRun, summarize } from './quality-summary.ts';
import { qualityTable, travelOf } from './quality-table.ts';
import { openTemporaryStore } from './temporary-store.ts';

/** Variants take turns, seed after seed, so that a machine whose speed drifts slows all of them. */
async function measure({ variants, seeds, courseOf, whole, json }: QualityOptions): Promise<void> {
  const { store, remove } = await openTemporaryStore();
  const results = new Map(variants.map((variant) => [variant, [] as ScoredRun[]]));
  const total = variants.length * seeds.length;
  let begun = 0;
  try {
    for (const seed of seeds) {
      for (const [variant, runs] of results) {
        begun++;
        process.stderr.write(`run ${begun} of ${total}: ${nameOf(variant)}, seed ${seed}\n`);
        runs.push({ seed, curve: await train(variant, seed) });
      }
    }
  } finally {
    await remove();
  }
  const summaries = [...results].map(([variant, runs]) =>
    summarize(variant, courseOf(variant.program).targetScore, runs),
  );
  if (json) for (const summary of summaries) print({ bench: 'quality', ...summary });
  else console.log(qualityTable(summaries));

  async function train(variant: Variant, seed: number): Promise<CurvePoint[]> {
    const { program, workers: wanted, ...way } = variant;
    const { targetScore, maxIterations: iterations, scoreEvery } = courseOf(program);
    const { workers, threads } = fleetOf(wanted);
    const preset = presetOf[program];
    const settings = { preset, seed, iterations, checkpointEvery: scoreEvery, threads, ...way };
    const lines = await runLoop('./quality-loop.ts', [
      store.root,
      whole ? 0 : targetScore,
      workers,
      JSON.stringify(settings),
    ]);
    return lines.map((line) => JSON.parse(line) as CurvePoint);
  }
}

function nameOf(variant: Variant): string {
  const { program, localIterations, workers, shards } = variant;
  const fleet = workers === 1 ? '1 worker' : `${workers} workers`;
  return `${program}, K=${localIterations}, ${fleet}, shards ${shards}, ${travelOf(variant)}`;
}

try {
  await measure(readOptions(process.argv.slice(2)));
} catch (error) {
  const { stdout, stderr, env } = process;
  const isBug = !(error instanceof UsageError);
  process.exitCode = reportError({ stdout, stderr, env }, error, isBug);
}
