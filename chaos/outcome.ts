import { countKinds, type Fault, type RunOptions } from './plan.ts';

/** How the harness is run. */
export interface ChaosOptions extends RunOptions {
  /** Says how it is going. */
  readonly say: (text: string) => void;
  /** Ends it early; the outcome says that the run is lost. */
  readonly signal?: AbortSignal;
}

/** SHA-256 of all files of tensors that a run has come to, by name: `D`, `ema-G`, `generator`. */
export type ResultHashes = Readonly<Record<string, string>>;

/** What a chaos run came to. */
export interface ChaosOutcome {
  readonly target: 'embedded' | 'aws';
  readonly seed: number;
  readonly plan: readonly Fault[];
  /** Ids of the faults that have happened. */
  readonly done: ReadonlySet<number>;
  readonly recoveries: Readonly<Record<string, number>>;
  readonly wallMs: number;
  readonly weights: ResultHashes | undefined;
  readonly undisturbed: ResultHashes;
  /** Whatever is not as it should be: each ends in exit code 1. */
  readonly problems: readonly string[];
}

/** Faults that are named where more found no occasion. */
const NAMED = 10;

/** Everything that is wrong with an outcome; nothing: it passes. */
export function problemsOf(outcome: ChaosOutcome): string[] {
  const { plan, done, weights, undisturbed } = outcome;
  const missing = plan.filter(({ id }) => !done.has(id));
  const problems = [...outcome.problems];
  if (missing.length > 0) {
    const names = missing.map(({ id, kind, variant }) => `${id} ${kind} (${variant})`);
    const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
    problems.push(`faults that found no occasion: ${names.slice(0, NAMED).join(', ')}${more}`);
  }
  if (!weights) problems.push('the run was lost');
  else {
    const names = new Set([...Object.keys(undisturbed), ...Object.keys(weights)]);
    const others = [...names].filter((name) => weights[name] !== undisturbed[name]);
    if (others.length > 0) {
      problems.push(`files differ from those of the undisturbed run: ${others.join(', ')}`);
    }
  }
  return problems;
}

/** The one line that the harness prints. */
export function lineOf(outcome: ChaosOutcome): string {
  const { target, seed, plan, done, recoveries, wallMs, weights, undisturbed } = outcome;
  const problems = problemsOf(outcome);
  return JSON.stringify({
    chaos: target,
    seed,
    faults: done.size,
    injected: countKinds(plan.filter(({ id }) => done.has(id))),
    recoveries,
    wallSeconds: Math.round(wallMs / 100) / 10,
    weights: weights ?? null,
    undisturbed,
    problems,
    verdict: problems.length === 0 ? 'bit-identical' : 'FAILED',
  });
}
