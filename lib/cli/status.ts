import type { Command } from 'commander';
import { type RunSummary, summarize } from '../run/runs.ts';
import { type CliContext, printLine } from './context.ts';
import { openTarget, type TargetOptions } from './open-target.ts';
import { requireRunId } from './run-id.ts';

interface StatusOptions extends TargetOptions {
  readonly json?: boolean;
}

/** `lambduel status`: what a run is doing, and why it ended. */
export function addStatus(program: Command, context: CliContext): void {
  program
    .command('status')
    .description('show what a run is doing, or how it ended')
    .argument('<run>', "the run's id")
    .option('--json', 'as one JSON object')
    .action(async (runId: string, options: StatusOptions) => {
      requireRunId(runId);
      const { store, explanations } = await openTarget(options);
      const summary = await summarize(store, runId);
      const explanation = explanations[summary.status] ?? '';
      if (options.json) printLine(context, JSON.stringify(asJson(summary)));
      else for (const line of asLines(summary, explanation)) printLine(context, line);
    });
}

function asJson({ config, head, status }: RunSummary) {
  const { iteration, checkpoint, epoch, error, updatedAt } = head;
  const { runId, preset, iterations, createdAt } = config;
  return {
    runId,
    status,
    iteration,
    iterations,
    preset,
    checkpoint: checkpoint?.iteration ?? null,
    epoch,
    owner: head.lease?.owner ?? null,
    error,
    createdAt,
    updatedAt,
    config,
  };
}

function asLines({ config, head, status }: RunSummary, explanation: string): string[] {
  const { batch, shards, backend, dataset, seed } = config;
  const lines: [string, string][] = [
    ['run', config.runId],
    ['status', `${status}${explanation}`],
    ['iteration', `${head.iteration} of ${config.iterations}`],
    ['checkpoint', head.checkpoint ? `iteration ${head.checkpoint.iteration}` : 'none yet'],
    ['preset', config.preset],
    ['settings', `batch ${batch} in ${shards} shards, seed ${seed}, ${backend} backend`],
    ['dataset', `${dataset.name} (${dataset.examples} images)`],
    ['started', config.createdAt],
    ['updated', head.updatedAt],
  ];
  if (head.lease) lines.push(['coordinator', head.lease.owner]);
  if (head.error) lines.push(['error', head.error.message]);
  return lines.map(([name, value]) => `${name.padEnd(12)} ${value}`);
}
