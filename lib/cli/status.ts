import type { Command } from 'commander';
import { formatDuration } from '../observe/format.ts';
import { countDeadLetters, type DeadLetters } from '../run/coordinator/dead-letters.ts';
import { type RunSummary, summarize } from '../run/record/runs.ts';
import { type CliContext, printLine } from './context.ts';
import { openTarget, type TargetOptions } from './open-target.ts';
import { requireRunId } from './run-id.ts';
import { readScores, scoreLines } from './run-scores.ts';

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
      const { store, explanations, deadLetters } = await openTarget(options);
      const summary = await summarize(store, runId);
      const explanation = explanations[summary.status] ?? '';
      const dead = deadLetters && (await countDeadLetters(deadLetters.dead, runId));
      const scores = await readScores(store, summary.config);
      if (options.json) printLine(context, JSON.stringify({ ...asJson(summary, dead), ...scores }));
      else {
        for (const line of asLines(summary, explanation, dead)) printLine(context, line);
        for (const line of scoreLines(scores)) printLine(context, line);
      }
    });
}

function asJson({ config, head, status }: RunSummary, deadLetters?: DeadLetters) {
  const { iteration, checkpoint, epoch, reason, error, limits, trainedMs, cost, updatedAt } = head;
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
    reason,
    error,
    limits,
    fleet: head.fleet,
    workers: head.workers,
    trainedMs,
    cost,
    ...(deadLetters ? { deadLetters } : {}),
    createdAt,
    updatedAt,
    config,
  };
}

function asLines(
  { config, head, status }: RunSummary,
  explanation: string,
  dead?: DeadLetters,
): string[] {
  const { batch, shards, backend, dataset, seed, localIterations, augment } = config;
  const local = localIterations > 0 ? `, averaged every ${localIterations} iterations` : '';
  const augmented = augment.length > 0 ? `, augmented by ${augment.join(', ')}` : '';
  const lines: [string, string][] = [
    ['run', config.runId],
    ['status', `${status}${explanation}`],
    ['iteration', `${head.iteration} of ${config.iterations}`],
    ['checkpoint', head.checkpoint ? `iteration ${head.checkpoint.iteration}` : 'none yet'],
    ['preset', config.preset],
    [
      'settings',
      `batch ${batch} in ${shards} shards${local}${augmented}, seed ${seed}, ${backend} backend`,
    ],
    ['dataset', `${dataset.name} (${dataset.examples} images)`],
    ['started', config.createdAt],
    ['updated', head.updatedAt],
    ['trained', formatDuration(head.trainedMs)],
  ];
  if (head.fleet === 'resident')
    lines.push(['fleet', `resident, ${head.workers ?? shards} workers`]);
  if (head.cost > 0) lines.push(['cost', `about $${head.cost.toFixed(4)}`]);
  if (head.reason) lines.push(['reason', head.reason]);
  if (dead && dead.ofRun + dead.ofNoRun > 0) lines.push(['dead letters', describeDead(dead)]);
  if (head.lease) lines.push(['coordinator', head.lease.owner]);
  if (head.error) lines.push(['error', head.error.message]);
  return lines.map(([name, value]) => `${name.padEnd(12)} ${value}`);
}

function describeDead({ ofRun, ofNoRun }: DeadLetters): string {
  const again = ofRun > 0 ? '; `lambduel redrive` sends them to the workers again' : '';
  return `${ofRun} jobs of this run, ${ofNoRun} messages of none${again}`;
}
