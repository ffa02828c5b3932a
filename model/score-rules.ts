import type { RunConfig } from '../lib/run/record/config.ts';
import { runKeys } from '../lib/run/record/keys.ts';
import { decisiveScore } from '../lib/score/evaluate.ts';
import { decodeGenerator } from '../lib/wire/generator-file.ts';
import type { Reply } from '../lib/wire/messages.ts';
import type { MemoryObjects } from './memory-objects.ts';
import type { ObjectRules } from './object-rules.ts';
import { Violation } from './scheduler.ts';

/** The best generator is that of the lowest score: it is replaced by better ones only. */
export class ScoreRules {
  readonly #objects: MemoryObjects;
  readonly #rules: ObjectRules;
  readonly #config: RunConfig;
  /** By iteration. */
  readonly #scores = new Map<number, number>();
  #best = Number.POSITIVE_INFINITY;

  constructor(objects: MemoryObjects, rules: ObjectRules, config: RunConfig) {
    this.#objects = objects;
    this.#rules = rules;
    this.#config = config;
  }

  /** An answer is sent: the scores are those of the undisturbed run. */
  answered(reply: Reply): void {
    const [, iteration] = /^score-(\d+)$/.exec(reply.round) ?? [];
    if (reply.kind !== 'success' || iteration === undefined) return;
    this.#rules.requireSame(`scores/${iteration}`, Buffer.from(JSON.stringify(reply.statistics)));
    this.#scores.set(Number(iteration), decisiveScore(reply.statistics));
  }

  /** A generator file is written. */
  stored(key: string, bytes: Uint8Array): void {
    if (key !== runKeys.best(this.#config.runId)) return;
    const { iteration, score } = decodeGenerator(bytes, key) ?? {};
    if (score === undefined || score !== this.#scores.get(iteration ?? -1)) {
      throw new Violation(
        `The best generator has score ${score}, not that of iteration ${iteration}`,
      );
    }
    if (score >= this.#best) {
      throw new Violation(
        `The best generator has score ${score}, and the one before ${this.#best}`,
      );
    }
    this.#best = score;
  }

  /** When all is over, each iteration that should be has a score, and the best is kept. */
  atEnd(): void {
    const due = scoredIterations(this.#config);
    const missing = due.find((iteration) => !this.#scores.has(iteration));
    if (missing !== undefined) throw new Violation(`Iteration ${missing} has no score`);
    const extra = [...this.#scores.keys()].find((iteration) => !due.includes(iteration));
    if (extra !== undefined) throw new Violation(`Iteration ${extra} should have no score`);
    const lowest = Math.min(...this.#scores.values());
    if (lowest !== this.#best) {
      throw new Violation(`The best generator has score ${this.#best}, not ${lowest}`);
    }
    if (due.length > 0 && !this.#objects.has(runKeys.best(this.#config.runId))) {
      throw new Violation('The best generator is not there');
    }
  }
}

/** Where a run stands still and a multiple of `scoreEvery` has been passed; and its end. */
function scoredIterations({ iterations, localIterations, scoreEvery }: RunConfig): number[] {
  if (scoreEvery === 0) return [];
  const scored: number[] = [];
  for (let before = 0, now = 0; now < iterations; before = now) {
    now = Math.min(iterations, now + Math.max(1, localIterations));
    const passed = Math.floor(now / scoreEvery) * scoreEvery;
    if (passed > before || now === iterations) scored.push(now);
  }
  return scored;
}
