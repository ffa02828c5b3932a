import type { Command } from 'commander';
import { LambduelError, UsageError } from '../errors.ts';
import { iterationsOfSamples, runKeys } from '../run/record/keys.ts';
import { readConfig } from '../run/record/runs.ts';
import type { Store } from '../store/store.ts';
import { type CliContext, tell } from './context.ts';
import { openTarget, type TargetOptions } from './open-target.ts';
import { requireRunId } from './run-id.ts';
import { writeWholeFile } from './write-file.ts';

interface SamplesOptions extends TargetOptions {
  readonly iteration?: string;
  readonly out: string;
}

/** `lambduel samples`: fetch a sample grid. */
export function addSamples(program: Command, context: CliContext): void {
  program
    .command('samples')
    .description("write a run's sample grid as a PNG file")
    .argument('<run>', "the run's id")
    .option('--iteration <n>', 'the grid after so many iterations (default: the last)')
    .requiredOption('--out <file>', 'the PNG file to write')
    .action(async (runId: string, options: SamplesOptions) => {
      requireRunId(runId);
      const { store } = await openTarget(options);
      await readConfig(store, runId);
      const iteration = await chooseIteration(store, runId, options.iteration);
      const { bytes } = await store.get(runKeys.samples(runId, iteration));
      await writeWholeFile(options.out, bytes);
      tell(context, `${options.out}: samples after ${iteration} iterations`);
    });
}

async function chooseIteration(store: Store, runId: string, wanted?: string): Promise<number> {
  const iterations = iterationsOfSamples(await store.list(runKeys.allSamples(runId)));
  const last = iterations.at(-1);
  if (last === undefined) {
    throw new LambduelError(`Run ${runId} has no samples yet`, {
      hint: 'They are drawn every --sample-every iterations, and at the end.',
    });
  }
  if (wanted === undefined) return last;
  if (!/^\d+$/.test(wanted)) throw new UsageError(`--iteration ${wanted}: not a whole number`);
  if (iterations.includes(Number(wanted))) return Number(wanted);
  throw new LambduelError(`Run ${runId} has no samples of iteration ${wanted}`, {
    hint: `There are samples of ${iterations.join(', ')}.`,
  });
}
