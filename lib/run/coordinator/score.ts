import { decisiveScore } from '../../score/evaluate.ts';
import type { Store } from '../../store/store.ts';
import type { ScoreJob } from '../../wire/messages.ts';
import { runKeys } from '../record/keys.ts';
import type { Aggregation, JobOrigin, Metrics } from './aggregation.ts';
import { publishGenerator } from './drawn-weights.ts';
import { makeGenerator, storeGenerator } from './generator-file.ts';
import { jobBase } from './job-base.ts';
import type { RoundContext } from './perform-round.ts';

/**
 * Have a worker score the current generator. If it is better than all before, keep it as the run's
 * best: as a generator file that says its score.
 *
 * @returns scores by name
 */
export async function scoreGenerator(
  store: Store,
  origin: JobOrigin,
  round: RoundContext,
  aggregation: Aggregation,
  iteration: number,
): Promise<Metrics> {
  const { config, program } = origin;
  const job: ScoreJob = {
    ...jobBase(origin),
    kind: 'score',
    weights: await publishGenerator(program, round.publisher, aggregation),
    iteration,
    examples: config.scoreCount,
    dataset: config.dataset,
  };
  let scores: Metrics = {};
  await round.rounds.perform([job], (_index, { statistics }) => {
    scores = statistics;
  });
  const score = decisiveScore(scores);
  if (Number.isFinite(score)) {
    const generator = await makeGenerator(origin, round, aggregation, iteration);
    const isKept = ({ score: best }: { readonly score?: number | undefined }) =>
      best !== undefined && best <= score;
    await storeGenerator(store, runKeys.best(config.runId), { ...generator, score }, isKept);
  }
  return scores;
}
