import { readMetrics } from '../observe/metrics.ts';
import type { RunConfig } from '../run/record/config.ts';
import { decisiveScore, type Scores } from '../score/evaluate.ts';
import { scoreTitles } from '../score/metrics.ts';
import type { Store } from '../store/store.ts';

/** A run's scores after this many iterations. */
interface Scored {
  readonly iteration: number;
  readonly scores: Scores;
}

/** The last and the best scores of a run, if it has any. */
export interface RunScores {
  readonly score?: Scored;
  readonly bestScore?: Scored;
}

/** Read a run's scores from its metrics. */
export async function readScores(store: Store, config: RunConfig): Promise<RunScores> {
  if (config.scoreEvery === 0) return {};
  const reports = await readMetrics(store, config.runId);
  const all = reports.flatMap(({ iteration, metrics }): Scored[] => {
    const scores = Object.entries(metrics).filter(([name]) => name in scoreTitles);
    return scores.length > 0
      ? [{ iteration: iteration + 1, scores: Object.fromEntries(scores) }]
      : [];
  });
  const [first] = all;
  const score = all.at(-1);
  if (!first || !score) return {};
  const isBetter = (a: Scored, b: Scored) => decisiveScore(a.scores) < decisiveScore(b.scores);
  return {
    score,
    bestScore: all.reduce((best, each) => (isBetter(each, best) ? each : best), first),
  };
}

/** For people, as lines of a table. */
export function scoreLines({ score, bestScore }: RunScores): string[] {
  const line = (name: string, { iteration, scores }: Scored) => {
    const decisive = scores.frechet === undefined ? 'slicedWasserstein' : 'frechet';
    const value = (scores[decisive] ?? Number.NaN).toPrecision(4);
    return `${name.padEnd(12)} ${value} ${scoreTitles[decisive]}, iteration ${iteration}`;
  };
  return [
    ...(score ? [line('score', score)] : []),
    ...(bestScore ? [line('best score', bestScore)] : []),
  ];
}
