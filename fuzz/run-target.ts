import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { LambduelError, messageOf } from '../lib/errors.ts';
import { MemoryPeak } from './memory.ts';
import type { InputRecord } from './record.ts';
import { type Finding, type Report, written } from './report.ts';
import { EXTREME_MB, INPUT_MS, type Input, PEAK_MB, type Target } from './target.ts';

/** How long to go on, and from where. */
export interface FuzzOptions {
  readonly runs: number;
  readonly seed: number;
}

/** What is told on the way: now and then, how many inputs are done. */
export type OnInputs = (inputs: number) => void;

const TELL_EVERY = 1000;
/** Errors are logged: they must not repeat all of what was refused. */
const MAX_MESSAGE = 10_000;
const PROTOTYPES = [Object.prototype, Array.prototype, String.prototype, Number.prototype];
const namesOfPrototypes = () => PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype));
const UNPOLLUTED = namesOfPrototypes();

/** Feed a parser random inputs, until one of them shows a fault, and then its extremes. */
export async function runTarget(
  target: Target,
  options: FuzzOptions,
  record: InputRecord,
  onInputs: OnInputs,
): Promise<Report> {
  const tally = { inputs: 0, accepted: 0, rejected: 0, slowestMs: 0 };
  const random = await feedRandom(target, options, tally, record, onInputs);
  const extreme = await feedExtremes(target, tally, record);
  const found = random.found ?? extreme.found;
  return {
    target: target.name,
    ...tally,
    extremes: Object.keys(target.extremes).length,
    slowestMs: Math.round(tally.slowestMs * 10) / 10,
    peakMb: random.peakMb,
    extremeMb: extreme.peakMb,
    finding: found ? { ...found, seed: options.seed } : null,
  };
}

/** What one kind of inputs came to. */
interface Outcome {
  readonly peakMb: number;
  readonly found: Omit<Finding, 'seed'> | undefined;
}

async function feedRandom(
  target: Target,
  { runs, seed }: FuzzOptions,
  tally: Tally,
  record: InputRecord,
  onInputs: OnInputs,
): Promise<Outcome> {
  const memory = new MemoryPeak();
  memory.start();
  const property = fc.asyncProperty(target.inputs, async (input) => {
    record.keep(input);
    await attempt(target, input, tally);
    if (tally.inputs % TELL_EVERY === 0) onInputs(tally.inputs);
  });
  const { failed, counterexample, errorInstance } = await fc.check(property, {
    numRuns: runs,
    seed,
  });
  const peakMb = memory.growthMb();
  if (failed) {
    const [input = ''] = counterexample ?? [];
    return { peakMb, found: { why: messageOf(errorInstance), input: written(input) } };
  }
  const why = `memory grew by ${peakMb} MB over all inputs, more than ${PEAK_MB}`;
  return { peakMb, found: peakMb > PEAK_MB ? { why, input: {} } : undefined };
}

async function feedExtremes(target: Target, tally: Tally, record: InputRecord): Promise<Outcome> {
  const limit = target.extremeMb ?? EXTREME_MB;
  const memory = new MemoryPeak();
  let peakMb = 0;
  let found: Outcome['found'];
  for (const [extreme, make] of Object.entries(target.extremes)) {
    record.keepExtreme(extreme);
    const input = make();
    memory.start();
    let why = await attempt(target, input, tally).then(() => undefined, messageOf);
    const growth = memory.growthMb();
    peakMb = Math.max(peakMb, growth);
    if (growth > limit) why ??= `it took ${growth} MB, more than ${limit}`;
    if (why !== undefined) found ??= { why, input: { extreme } };
  }
  return { peakMb, found };
}

interface Tally {
  inputs: number;
  accepted: number;
  rejected: number;
  slowestMs: number;
}

/** @throws what shows that the parser does not keep its promises */
async function attempt(target: Target, input: Input, tally: Tally): Promise<void> {
  tally.inputs++;
  let ms = await timed(target, input, tally);
  if (ms > INPUT_MS) ms = Math.min(ms, await timed(target, input)); // was it the machine?
  tally.slowestMs = Math.max(tally.slowestMs, ms);
  if (ms > INPUT_MS) throw new Error(`it took ${Math.round(ms)} ms`);
  if (!isDeepStrictEqual(namesOfPrototypes(), UNPOLLUTED)) {
    throw new Error('a prototype that all objects share has been changed');
  }
}

async function timed(target: Target, input: Input, tally?: Tally): Promise<number> {
  const start = performance.now();
  try {
    await target.feed(input);
    if (tally) tally.accepted++;
  } catch (error) {
    if (!target.refuses.some((known) => error instanceof known)) throw error;
    if (error instanceof LambduelError && error.message.length > MAX_MESSAGE) {
      throw new Error(`what it says has ${error.message.length} characters`);
    }
    if (tally) tally.rejected++;
  }
  return performance.now() - start;
}
