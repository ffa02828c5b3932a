import { type FaultKind, ONCE } from './kinds.ts';
import type { PlanOptions } from './plan.ts';

const MESSAGES = ['job', 'reply'] as const;

/** What befalls the jobs of scores and of standing statistics, and their answers. */
const messages: Readonly<Record<string, FaultKind>> = {
  'score-dropped': { ...ONCE, weight: 3, variants: MESSAGES, skip: 1 },
  'score-duplicated': { ...ONCE, weight: 4, variants: MESSAGES, skip: 1 },
  'score-delayed': { ...ONCE, weight: 3, variants: MESSAGES, ms: [20, 800], skip: 1 },
  'score-damaged': { ...ONCE, weight: 3, variants: MESSAGES, skip: 1 },
};

/** The kinds that runs with scores have beside the others. */
export const embeddedScoringKinds: Readonly<Record<string, FaultKind>> = {
  ...messages,
  'score-damaged': { ...ONCE, weight: 4, variants: [...MESSAGES, 'classifier'], skip: 1 },
  // In the middle of a score, when its classifier is read.
  'score-worker-killed': { ...ONCE, weight: 3, skip: 1 },
  'score-worker-frozen': { ...ONCE, weight: 2, ms: [4000, 6000], skip: 1 },
};

/** The same where faults happen between the functions and AWS. */
export const awsScoringKinds: Readonly<Record<string, FaultKind>> = {
  ...messages,
  'score-delayed': { ...ONCE, weight: 2, variants: MESSAGES, ms: [500, 3000], skip: 1 },
};

/** A kind for all messages, and the one for those about scores alone. */
const COUNTERPARTS: Readonly<Record<string, string>> = {
  'message-dropped': 'score-dropped',
  'message-duplicated': 'score-duplicated',
  'message-delayed': 'score-delayed',
  'payload-corrupted': 'score-damaged',
};

/** All kinds that a run has. */
export function kindsOf(
  { scoreEvery = 0 }: PlanOptions,
  kinds: Readonly<Record<string, FaultKind>>,
  scoringKinds: Readonly<Record<string, FaultKind>>,
): Readonly<Record<string, FaultKind>> {
  return scoreEvery > 0 ? { ...kinds, ...scoringKinds } : kinds;
}

/** The kind that befalls this message as it befalls all; undefined: it is not about scores. */
export function scoringKind(kind: string, body: string): string | undefined {
  const isScoring = /"kind":"(score|statistics)"|"round":"(score|statistics)-/.test(body);
  return isScoring ? COUNTERPARTS[kind] : undefined;
}
