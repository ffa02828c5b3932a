import { z } from 'zod';

/** The SHA-256 of a bundle, in hexadecimal digits. */
export const bundleHashSchema = z.string().regex(/^[0-9a-f]{64}$/);

/** The name of a program: it is part of file names and of messages. */
export const programNameSchema = z.string().min(1).max(64);

/** A program by its name, and its settings: what a run's config and its jobs hold. */
export const programReferenceSchema = z.strictObject({
  name: programNameSchema,
  settings: z.record(z.string(), z.unknown()),
  /** Of a program file: the hash of its bundle, by which it is stored. Not there: it is built in. */
  sha256: bundleHashSchema.optional(),
});

/** See {@link programReferenceSchema}. */
export type ProgramReference = z.infer<typeof programReferenceSchema>;
