import { z } from 'zod';
import { LambduelError } from '../../errors.ts';
import { ObjectNotFoundError, type Store, type StoredObject } from '../../store/store.ts';
import { jsonBytes, parseJsonObject } from '../../wire/json-object.ts';
import { runIdSchema } from '../../wire/run-id.ts';
import { runKeys } from './keys.ts';

const count = z.number().int().nonnegative();

/** What a run is doing. Only a `running` one can have a lease. */
export const runStatusSchema = z.enum(['running', 'finished', 'stopped', 'cancelled', 'failed']);

/** See {@link runStatusSchema}. */
export type RunStatus = z.infer<typeof runStatusSchema>;

/**
 * When a run stops by itself; null: never. Not in its config, because no weight follows from it.
 */
export const limitsSchema = z.strictObject({
  /** Minutes of training, over all coordinators. */
  minutes: z.number().positive().nullable(),
  /** US dollars, as estimated. */
  cost: z.number().positive().nullable(),
});

/** See {@link limitsSchema}. */
export type Limits = z.infer<typeof limitsSchema>;

/**
 * How a run's workers get their jobs. `event`: from the queue of all runs, whose deliveries start
 * them. `resident`: from a queue of the run, on which they wait. Only AWS has both.
 */
export const fleetSchema = z.enum(['event', 'resident']);

/** The most resident workers of a run. */
export const MAX_RESIDENTS = 1000;

/** The limits of a run that has none. */
export const NO_LIMITS: Limits = { minutes: null, cost: null };

const ms = z.number().nonnegative();

/** Milliseconds for which functions ran, by function, as estimated. */
export const billedTimeSchema = z.strictObject({
  coordinatorMs: ms,
  workersMs: ms,
  residentsMs: ms,
});

/** See {@link billedTimeSchema}. */
export type BilledTime = z.infer<typeof billedTimeSchema>;

/** A run's one mutable object, changed by compare-and-swap only. */
export const headSchema = z.strictObject({
  format: z.literal(1),
  runId: runIdSchema,
  /** Grows with every change, so that no two heads of a run are the same. */
  revision: count,
  status: runStatusSchema,
  /** Iterations complete when the head was written. Those after the checkpoint may be repeated. */
  iteration: count,
  /** Where the run continues from; null: from the seed. */
  checkpoint: z.strictObject({ iteration: count, epoch: count }).nullable(),
  /** Grows each time the lease changes hands. */
  epoch: count,
  lease: z.strictObject({ owner: z.string(), durationMs: count }).nullable(),
  cancelRequested: z.boolean(),
  limits: limitsSchema.default(NO_LIMITS),
  /** As the limits: not in the config, and what `resume` may change. */
  fleet: fleetSchema.default('event'),
  /** How many resident workers are wanted; null: one per shard. */
  workers: count.min(1).max(MAX_RESIDENTS).nullable().default(null),
  /** Milliseconds that coordinators have trained, and the US dollars that it cost, as estimated. */
  trainedMs: z.number().nonnegative().default(0),
  cost: z.number().nonnegative().default(0),
  /** Over all coordinators. Only where functions do the work. */
  billed: billedTimeSchema.optional(),
  /** Why the run was stopped, unless someone asked for it. */
  reason: z.string().nullable().default(null),
  /** Why the run failed. */
  error: z.strictObject({ name: z.string(), message: z.string() }).nullable(),
  updatedAt: z.iso.datetime(),
});

/** See {@link headSchema}. */
export type Head = z.infer<typeof headSchema>;

/** Who does a run's jobs. */
export type RunFleet = Pick<Head, 'fleet' | 'workers'>;

/** The fleet of a run that asks for none. */
export const DEFAULT_FLEET: RunFleet = { fleet: 'event', workers: null };

/** A head with what is needed to replace it, and to judge its lease. */
export interface ReadHead {
  readonly head: Head;
  readonly etag: string;
  readonly ageMs: number;
}

/** There is no run of this id in the store. */
export class RunNotFoundError extends LambduelError {
  constructor(readonly runId: string) {
    super(`There is no run ${runId} in this store`, { hint: '`lambduel runs` lists the runs.' });
  }
}

/** A run that has ended cannot be advanced. */
export class RunEndedError extends LambduelError {
  constructor(runId: string, status: string) {
    super(`Run ${runId} is ${status}: there is nothing to continue`);
  }
}

/** @throws RunEndedError when a run is finished or cancelled: no other status is final */
export function assertNotEnded({ runId, status }: Head): void {
  if (status === 'finished' || status === 'cancelled') throw new RunEndedError(runId, status);
}

/** @throws RunNotFoundError; InvalidDataError when the object is not a head */
export async function readHead(store: Store, runId: string): Promise<ReadHead> {
  const key = runKeys.head(runId);
  const { bytes, etag, ageMs } = await getOfRun(store, runId, key);
  return { head: parseJsonObject(headSchema, bytes, key), etag, ageMs };
}

/** An object that every run has. @throws RunNotFoundError when it is not there */
export async function getOfRun(store: Store, runId: string, key: string): Promise<StoredObject> {
  return store.get(key).catch((error: unknown) => {
    throw error instanceof ObjectNotFoundError ? new RunNotFoundError(runId) : error;
  });
}

/** Replace a head by a changed one. @throws ObjectChangedError when someone else was faster */
export async function replaceHead(store: Store, head: Head, etag: string): Promise<string> {
  return store.replace(runKeys.head(head.runId), jsonBytes(head), etag);
}

/** Whether a head's lease has run out, by the store's own clock. */
export function leaseExpired({ head, ageMs }: ReadHead): boolean {
  return head.lease !== null && ageMs > head.lease.durationMs;
}
