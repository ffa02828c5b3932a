import { LambduelError } from '../../errors.ts';
import { createUnlessThere } from '../../store/create-unless-there.ts';
import { ObjectChangedError, type Store } from '../../store/store.ts';
import { jsonBytes, parseJsonObject } from '../../wire/json-object.ts';
import type { Clock } from '../clock.ts';
import { type RunConfig, runConfigSchema } from './config.ts';
import {
  assertNotEnded,
  DEFAULT_FLEET,
  getOfRun,
  type Head,
  type Limits,
  leaseExpired,
  NO_LIMITS,
  type ReadHead,
  type RunFleet,
  readHead,
  replaceHead,
} from './head.ts';
import { runKeys, runOfHead } from './keys.ts';

/** How long a run without a coordinator counts as waiting for one. */
const WAITING_MS = 120_000;

/**
 * A run as a listing shows it. `waiting`: a coordinator is about to take it up. `interrupted`: its
 * head says that it is running, but nobody is advancing it.
 */
export interface RunSummary {
  readonly config: RunConfig;
  readonly head: Head;
  readonly status: Head['status'] | 'waiting' | 'interrupted';
}

/**
 * Write a new run's config, the objects that it begins with, and its first head; `advance` then trains
 * it.
 *
 * @param objects by key
 */
export async function createRun(
  store: Store,
  config: RunConfig,
  clock: Clock,
  limits: Limits = NO_LIMITS,
  fleet: RunFleet = DEFAULT_FLEET,
  objects: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<void> {
  const { runId } = config;
  const head: Head = {
    format: 1,
    runId,
    revision: 0,
    status: 'running',
    iteration: 0,
    checkpoint: null,
    epoch: 0,
    lease: null,
    cancelRequested: false,
    limits,
    ...fleet,
    trainedMs: 0,
    cost: 0,
    reason: null,
    error: null,
    updatedAt: clock.date().toISOString(),
  };
  await store.create(runKeys.config(runId), jsonBytes(config));
  for (const [key, bytes] of objects) await createUnlessThere(store, key, bytes);
  await store.create(runKeys.head(runId), jsonBytes(head));
}

/** @throws RunNotFoundError; InvalidDataError when the object is not a run's config */
export async function readConfig(store: Store, runId: string): Promise<RunConfig> {
  const key = runKeys.config(runId);
  const { bytes } = await getOfRun(store, runId, key);
  return parseJsonObject(runConfigSchema, bytes, key);
}

/** What a run is doing now. */
export async function summarize(store: Store, runId: string): Promise<RunSummary> {
  const config = await readConfig(store, runId);
  const read = await readHead(store, runId);
  return { config, head: read.head, status: statusOf(read) };
}

/** The ids of all runs in a store, oldest first. */
export async function listRuns(store: Store): Promise<string[]> {
  const objects = await store.list(runKeys.all);
  const ids = objects.flatMap(({ key }) => runOfHead(key) ?? []);
  return ids.sort();
}

/**
 * Ask a run to end. A run that nobody advances is cancelled at once. Otherwise its coordinator ends
 * it at the next iteration after it has seen the request.
 *
 * @returns whether it is cancelled already
 */
export async function cancelRun(store: Store, runId: string, clock: Clock): Promise<boolean> {
  for (;;) {
    const read = await readHead(store, runId);
    const { head, etag } = read;
    if (head.status === 'cancelled') return true;
    if (head.status === 'finished') {
      throw new LambduelError(`Run ${runId} is finished: there is nothing to cancel`);
    }
    const advancing = head.lease !== null && !leaseExpired(read);
    const change: Partial<Head> = advancing
      ? { cancelRequested: true }
      : { cancelRequested: true, status: 'cancelled', lease: null };
    if (await tryChange(store, head, etag, change, clock)) return !advancing;
  }
}

/** Give a run other limits, before it continues. Limits that are left out stay. */
export async function changeLimits(
  store: Store,
  runId: string,
  change: Partial<Limits>,
  clock: Clock,
): Promise<void> {
  if (Object.keys(change).length === 0) return;
  await changeHead(store, runId, ({ limits }) => ({ limits: { ...limits, ...change } }), clock);
}

/** Give a run other workers, before it continues. What is left out stays. */
export async function changeFleet(
  store: Store,
  runId: string,
  change: Partial<RunFleet>,
  clock: Clock,
): Promise<void> {
  if (Object.keys(change).length > 0) await changeHead(store, runId, () => change, clock);
}

/**
 * Change the head of a run that can continue, whoever else changes it meanwhile.
 *
 * @param change undefined: nothing is to be changed
 * @returns the head as it was
 * @throws RunNotFoundError, or RunEndedError
 */
export async function changeHead(
  store: Store,
  runId: string,
  change: (head: Head) => Partial<Head> | undefined,
  clock: Clock,
): Promise<Head> {
  for (;;) {
    const { head, etag } = await readHead(store, runId);
    assertNotEnded(head);
    const wanted = change(head);
    if (!wanted || (await tryChange(store, head, etag, wanted, clock))) return head;
  }
}

/** @returns false when someone else was faster */
async function tryChange(
  store: Store,
  head: Head,
  etag: string,
  change: Partial<Head>,
  clock: Clock,
): Promise<boolean> {
  const updatedAt = clock.date().toISOString();
  try {
    await replaceHead(store, { ...head, ...change, revision: head.revision + 1, updatedAt }, etag);
    return true;
  } catch (error) {
    if (error instanceof ObjectChangedError) return false;
    throw error;
  }
}

function statusOf(read: ReadHead): RunSummary['status'] {
  const { status, lease } = read.head;
  if (status !== 'running') return status;
  if (lease === null) return read.ageMs < WAITING_MS ? 'waiting' : 'interrupted';
  return leaseExpired(read) ? 'interrupted' : 'running';
}
