import { z } from 'zod';

/** A program by its name, and its settings: what a run's config and its jobs hold. */
export const programReferenceSchema = z.strictObject({
  name: z.string().min(1).max(64),
  settings: z.record(z.string(), z.unknown()),
});

/** See {@link programReferenceSchema}. */
export type ProgramReference = z.infer<typeof programReferenceSchema>;
