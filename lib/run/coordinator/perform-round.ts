import { type Job, workMs } from '../../wire/messages.ts';
import type { Clock } from '../clock.ts';
import type { StepReport } from '../events.ts';
import type { NetworkWeights } from '../record/training-state.ts';
import type { Metrics, Round } from './aggregation.ts';
import type { JobRounds } from './job-rounds.ts';
import type { WeightsPublisher } from './publisher.ts';
import { traceStep } from './trace-job.ts';

/** What rounds are performed with. */
export interface RoundContext {
  readonly publisher: WeightsPublisher;
  readonly rounds: JobRounds;
  readonly clock: Clock;
}

/** A round as it was performed: its metrics by iteration, and its report. */
export interface PerformedRound {
  readonly metrics: readonly Metrics[];
  readonly report: StepReport;
}

/**
 * Perform one round: publish the networks that the one before changed, send the jobs, take each
 * answer as it comes in, and make the next state. Times each part.
 *
 * @param traced whether its report tells when what happened
 */
export async function performRound(
  { publisher, rounds, clock }: RoundContext,
  networks: ReadonlyMap<string, NetworkWeights>,
  round: Round,
  traced = false,
): Promise<PerformedRound> {
  const startedAt = clock.now();
  const date = clock.date().getTime();
  const weights = await publisher.publish(networks);
  const made = round.jobs(weights);
  const jobs = traced ? made.map((job): Job => ({ ...job, trace: true })) : made;
  const publishMs = clock.now() - startedAt;

  let computeMs = 0;
  let compileMs = 0;
  let applyMs = 0;
  const pruned = publisher.prune();
  const { dispatchMs, missing, traces } = await rounds.perform(
    jobs,
    (index, success, bytes) => {
      const acceptedAt = clock.now();
      round.accept(index, success, bytes);
      computeMs = Math.max(computeMs, workMs(success.timing));
      compileMs = Math.max(compileMs, success.timing.compileMs ?? 0);
      applyMs += clock.now() - acceptedAt;
    },
    round.quorum,
  );
  await pruned;
  const collectedAt = clock.now();
  const collectMs = collectedAt - startedAt - publishMs - dispatchMs - applyMs;

  const { metrics, obsolete = [] } = round.finish(missing);
  publisher.discard(obsolete);
  const appliedAt = clock.now();
  applyMs += appliedAt - collectedAt;
  const { step, phase } = round;
  const timing = { publishMs, dispatchMs, computeMs, compileMs, collectMs, applyMs };
  const without = missing.length > 0 ? { missing: missing.length } : {};
  const report = { step, phase, timing, ...without };
  if (!traced) return { metrics, report };
  const trace = traceStep({
    startMs: startedAt,
    date,
    publishedMs: publishMs,
    collectedMs: collectedAt - startedAt,
    appliedMs: appliedAt - startedAt,
    jobs: traces,
  });
  return { metrics, report: { ...report, trace } };
}
