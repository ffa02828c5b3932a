import { z } from 'zod';
import { backendNameSchema } from '../run/record/config.ts';

/** A worker process's settings: its only argument, as JSON. */
export const workerSettingsSchema = z.strictObject({
  /** The store's folder. */
  store: z.string(),
  backend: backendNameSchema,
  threads: z.number().int().positive(),
  /** The name of the queue to take jobs from. */
  jobs: z.string(),
});

/** See {@link workerSettingsSchema}. */
export type WorkerSettings = z.infer<typeof workerSettingsSchema>;

/** What a worker process reports about itself. */
export const workerReportSchema = z.discriminatedUnion('worker', [
  z.strictObject({ worker: z.literal('ready') }),
  z.strictObject({ worker: z.literal('failed'), message: z.string() }),
]);

/** See {@link workerReportSchema}. */
export type WorkerReport = z.infer<typeof workerReportSchema>;
