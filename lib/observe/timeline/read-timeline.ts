import { LambduelError } from '../../errors.ts';
import { parseTimelineKey, runKeys } from '../../run/record/keys.ts';
import type { Store } from '../../store/store.ts';
import { readLines } from '../read-lines.ts';
import { parseTimelineLine, type TimelineStep } from './timeline-line.ts';

/** Unless they are asked for, so many iterations are shown, or fewer if they have many jobs. */
const ITERATIONS = 5;
const JOBS = 400;

/** Steps that follow one another, under one coordinator. */
export type Stretch = readonly TimelineStep[];

/** Which iterations to read. */
export interface TimelineRange {
  /** The first one, from 0. Default: the last ones that are recorded. */
  readonly from?: number | undefined;
  /** How many, at most. Default: a few. */
  readonly iterations?: number | undefined;
}

/** The timeline does not have what is asked for. */
export class NotInTimelineError extends LambduelError {}

/**
 * Read a stretch of a run's timeline: what is recorded without a gap of the iterations that are asked
 * for. An iteration that was repeated after a resumption is taken from the highest epoch.
 *
 * @returns undefined if the run has no timeline
 * @throws NotInTimelineError when the first iteration is not recorded; InvalidDataError
 */
export async function readTimeline(
  store: Store,
  runId: string,
  { from, iterations }: TimelineRange = {},
): Promise<Stretch | undefined> {
  const objects = await listTimeline(store, runId);
  const last = objects.at(-1);
  if (!last) return undefined;
  if (from === undefined) return lastOf(await readObject(store, last.key), iterations);
  for (const { key } of candidates(objects, from)) {
    const read = await readObject(store, key);
    const steps: Stretch = read.filter(({ iteration }) => iteration >= from);
    if (steps[0]?.iteration === from) return firstOf(steps, iterations);
  }
  const begun = [...new Set(objects.map(({ first }) => first))];
  throw new NotInTimelineError(`Iteration ${from} of run ${runId} is not in its timeline`, {
    hint: `It begins at ${shorten(begun)}, each time with up to 20 iterations or rounds.`,
  });
}

interface TimelineObject {
  readonly key: string;
  readonly first: number;
  readonly epoch: number;
}

/** In the order of their first iterations. */
async function listTimeline(store: Store, runId: string): Promise<TimelineObject[]> {
  const objects = await store.list(runKeys.allTimelines(runId));
  return objects
    .flatMap(({ key }) => {
      const parsed = parseTimelineKey(key);
      return parsed ? [{ key, ...parsed }] : [];
    })
    .sort((a, b) => a.first - b.first || a.epoch - b.epoch);
}

/** The objects that may have an iteration, one of each epoch, the highest one first. */
function candidates(objects: readonly TimelineObject[], iteration: number): TimelineObject[] {
  const byEpoch = new Map<number, TimelineObject>();
  for (const object of objects) if (object.first <= iteration) byEpoch.set(object.epoch, object);
  return [...byEpoch.values()].sort((a, b) => b.epoch - a.epoch);
}

async function readObject(store: Store, key: string): Promise<TimelineStep[]> {
  const steps = await readLines(store, key, parseTimelineLine, "a step's timeline");
  return steps.sort((a, b) => a.step - b.step);
}

function firstOf(steps: readonly TimelineStep[], wanted: number | undefined): Stretch {
  if (wanted === undefined) return few(steps);
  const end = (steps[0]?.iteration ?? 0) + wanted;
  return steps.filter(({ iteration }) => iteration < end);
}

function lastOf(steps: readonly TimelineStep[], wanted: number | undefined): Stretch {
  if (wanted === undefined) return few(steps.toReversed()).toReversed();
  const begin = (steps.at(-1)?.iteration ?? 0) - wanted;
  return steps.filter(({ iteration }) => iteration > begin);
}

/** The steps of the first few iterations, and at least of one. */
function few(steps: readonly TimelineStep[]): Stretch {
  const chosen = new Set<number>();
  let jobs = 0;
  for (const step of steps) {
    if (!chosen.has(step.iteration) && (chosen.size === ITERATIONS || jobs >= JOBS)) break;
    chosen.add(step.iteration);
    jobs += step.jobs.length;
  }
  return steps.filter(({ iteration }) => chosen.has(iteration));
}

/** The first, and the last of many. */
function shorten(numbers: readonly number[]): string {
  const [head, tail] = [numbers.slice(0, 5), numbers.slice(5).slice(-1)];
  return [...head, ...(numbers.length > 6 ? ['...'] : []), ...tail].join(', ');
}
