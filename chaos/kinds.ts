/** How faults of a kind are drawn. */
export interface FaultKind {
  /** How often, beside the other kinds. Those that end a coordinator are rare: each costs seconds. */
  readonly weight: number;
  /** Where, or how; one that is named twice is twice as likely. */
  readonly variants: readonly string[];
  /** Milliseconds: how late after its time, or how long. */
  readonly ms: readonly [number, number];
  /** Operations of its kind that are left alone first. */
  readonly skip: number;
  /** Operations that it hits, one after the other. */
  readonly times: readonly [number, number];
}

/** Anything, once and at once. */
export const ONCE: FaultKind = { weight: 1, variants: ['any'], ms: [0, 0], skip: 0, times: [1, 1] };
const HOUR_MS = 3_600_000;

/** Longer than a job stays hidden. */
const FREEZE_MS = [1500, 2600] as const;

/** Every kind of fault, with what it is like where coordinator and workers are local processes. */
export const embeddedKinds: Readonly<Record<string, FaultKind>> = {
  // Done to processes, by the harness.
  'worker-killed': { ...ONCE, weight: 8, ms: [0, 120], skip: 8 },
  'worker-frozen': { ...ONCE, weight: 4, ms: FREEZE_MS, skip: 8 },
  'coordinator-killed': { ...ONCE, ms: [0, 150] },
  'two-coordinators': { ...ONCE, variants: ['both alive', 'first frozen', 'both started'] },
  'clock-skew': { ...ONCE, variants: ['ahead', 'behind'], ms: [HOUR_MS, 24 * HOUR_MS] },
  // Done to messages, by the queue's decorator.
  'message-duplicated': { ...ONCE, weight: 12, variants: ['job', 'reply'], skip: 12 },
  'message-delayed': {
    ...ONCE,
    weight: 10,
    variants: ['job', 'reply'],
    ms: [20, 800],
    skip: 12,
  },
  'message-reordered': { ...ONCE, weight: 12, variants: ['job', 'reply'], skip: 12 },
  'message-dropped': { ...ONCE, weight: 8, variants: ['job', 'reply'], skip: 12 },
  'acknowledgement-lost': { ...ONCE, weight: 10, variants: ['job', 'reply'], skip: 6 },
  'stale-answer': { ...ONCE, weight: 12, variants: ['epoch', 'step'], skip: 12 },
  'payload-corrupted': {
    ...ONCE,
    weight: 10,
    variants: ['gradient', 'weights', 'job', 'reply'],
    skip: 6,
  },
  'non-finite-gradient': { ...ONCE, skip: 12 },
  // Done to objects, by the store's decorator.
  'write-unreported': {
    ...ONCE,
    weight: 6,
    variants: ['head', 'head', 'gradient', 'gradient', 'gradient', 'weights', 'checkpoint'],
    skip: 2,
  },
  'store-unavailable': {
    ...ONCE,
    weight: 6,
    variants: ['worker', 'worker', 'worker', 'removal', 'coordinator'],
    skip: 4,
    times: [1, 3],
  },
  'write-conflict': { ...ONCE, weight: 6, variants: ['head'], times: [1, 3] },
  'slow-read': {
    ...ONCE,
    weight: 8,
    variants: ['gradient', 'weights'],
    ms: [50, 600],
    skip: 6,
  },
  'torn-upload': {
    ...ONCE,
    weight: 4,
    variants: ['gradient', 'gradient', 'checkpoint'],
    skip: 4,
  },
  'store-full': { ...ONCE, variants: ['weights', 'checkpoint'], skip: 2 },
};

/** The kinds that the harness does to processes, in the order of the plan. */
export const PROCESS_KINDS: ReadonlySet<string> = new Set([
  'worker-killed',
  'worker-frozen',
  'coordinator-killed',
  'two-coordinators',
  'clock-skew',
]);

/** The kinds that there are on AWS, where faults happen between the functions and its services. */
export const awsKinds: Readonly<Record<string, FaultKind>> = {
  'worker-killed': { ...ONCE, weight: 2, ms: [0, 500], skip: 8 },
  // Longer than a job stays hidden, which is shortened for this.
  'worker-frozen': { ...ONCE, ms: [7000, 9000], skip: 8 },
  // A worker's successor, while it unpacks TensorFlow.
  'unpacking-killed': { ...ONCE, skip: 8 },
  'coordinator-killed': { ...ONCE, ms: [0, 800] },
  'two-coordinators': { ...ONCE, variants: ['both alive', 'both started'] },
  'clock-skew': { ...ONCE, variants: ['ahead', 'behind'], ms: [HOUR_MS, 9 * HOUR_MS] },
  'message-duplicated': { ...ONCE, weight: 8, variants: ['job', 'reply'], skip: 6 },
  'message-delayed': {
    ...ONCE,
    weight: 4,
    variants: ['job', 'reply'],
    ms: [500, 3000],
    skip: 6,
  },
  'message-reordered': { ...ONCE, weight: 6, variants: ['job', 'reply'], skip: 6 },
  'message-dropped': { ...ONCE, weight: 2, variants: ['job', 'reply'], skip: 6 },
  'acknowledgement-lost': { ...ONCE, weight: 6, variants: ['reply'], skip: 3 },
  'stale-answer': { ...ONCE, weight: 6, variants: ['epoch', 'step'], skip: 6 },
  'payload-corrupted': {
    ...ONCE,
    weight: 6,
    variants: ['reply', 'reply', 'weights', 'weights', 'job'],
    skip: 4,
  },
  'non-finite-gradient': { ...ONCE, skip: 6 },
  'write-unreported': {
    ...ONCE,
    weight: 8,
    variants: ['head', 'weights', 'checkpoint', 'job', 'reply'],
    skip: 2,
  },
  'store-unavailable': {
    ...ONCE,
    weight: 8,
    variants: ['read', 'write', 'job', 'reply'],
    skip: 4,
    times: [1, 3],
  },
  'write-conflict': { ...ONCE, weight: 6, variants: ['409', '409', '412'], times: [1, 2] },
  'slow-read': { ...ONCE, weight: 4, variants: ['weights'], ms: [100, 2500], skip: 4 },
  'torn-upload': { ...ONCE, weight: 6, variants: ['weights', 'checkpoint'], skip: 2 },
};

/** The kinds that there are besides where coordinators start workers of their own. */
export const residentKinds: Readonly<Record<string, FaultKind>> = {
  'start-lost': { ...ONCE, ms: [0, 800] },
  'started-twice': { ...ONCE, weight: 2 },
  'job-queue-removed': { ...ONCE },
};
