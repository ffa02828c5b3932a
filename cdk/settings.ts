import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Node } from 'constructs';
import { z } from 'zod';
import { UsageError } from '../lib/errors.ts';
import { backendNameSchema } from '../lib/run/record/config.ts';
import { settingsError } from '../lib/run/record/problems.ts';

/** The days that CloudWatch can keep logs for. */
const RETENTIONS = Object.values(RetentionDays).filter(
  (days): days is number => typeof days === 'number' && days < RetentionDays.INFINITE,
);

/** A number, or the text of one, as `-c` gives it. */
const whole = (least: number, most: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value),
    z.int().min(least).max(most),
  );

const yesOrNo = z
  .preprocess(
    (value) => (typeof value === 'boolean' ? String(value) : value),
    z.enum(['true', 'false']),
  )
  .transform((value) => value === 'true');

/**
 * What can be set with `-c name=value`, or under `context` in `cdk.json`.
 *
 * Lambda gives one vCPU at 1769 MB. A worker computes on one thread, so more memory does not make
 * it faster.
 */
export const settingsSchema = z.object({
  /** Two stacks of different names live side by side. */
  stackName: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,127}$/, 'must be a letter, then letters, digits and "-"')
    .default('Lambduel'),
  /** Default: native. On LocalStack: what this machine has. */
  backend: backendNameSchema.optional(),
  /** How native workers are packed: a zip archive, or a container image that Docker builds. */
  packaging: z.enum(['zip', 'image']).default('zip'),
  /** MB of `/tmp`, where a worker from a zip archive unpacks the native library. */
  workerStorage: whole(512, 10_240).default(1024),
  /** MB. */
  workerMemory: whole(128, 10_240).default(1769),
  coordinatorMemory: whole(128, 10_240).default(1769),
  /** Threads of one operation in a worker. Several help with memory for several virtual CPUs. */
  threads: whole(1, 6).default(1),
  /** Seconds for one job. The first score of a dataset trains a classifier, which takes longest. */
  workerTimeout: whole(1, 900).default(300),
  /** Seconds until a job that could not be done comes again; twice as long each time. */
  jobRetrySeconds: whole(0, 60).default(1),
  /** Seconds until a coordinator hands over to the next. */
  coordinatorTimeout: whole(60, 900).default(900),
  /** Workers at once, at most. */
  concurrency: whole(2, 1000).default(16),
  logRetentionDays: whole(1, 3653)
    .refine((days) => RETENTIONS.includes(days), `must be one of ${RETENTIONS.join(', ')}`)
    .default(30),
  /** Days until gradients and published weights that interrupted runs left are removed. */
  gradientDays: whole(1, 365).default(1),
  /** Days until whole runs are removed, checkpoints included; 0: never. */
  runDays: whole(0, 3650)
    .refine((days) => days === 0 || days >= 30, 'must be 0, for never, or at least 30')
    .default(0),
  /** Whether the bucket outlives the stack. */
  retain: yesOrNo.default(true),
  /**
   * Whether runs may have programs of their own, which are code: whoever may write `programs/` in the
   * bucket may then run code in the functions.
   */
  ownPrograms: yesOrNo.default(false),
  /** The e-mail address for alarms. */
  alarmEmail: z.email('must be an e-mail address').optional(),
});

/** See {@link settingsSchema}. */
export type Settings = z.infer<typeof settingsSchema>;

/** @throws UsageError that says what is wrong with which value */
export function readSettings(node: Node): Settings {
  const given = Object.fromEntries(
    Object.keys(settingsSchema.shape).map((name) => [name, node.tryGetContext(name) as unknown]),
  );
  // Names of CDK's own have a colon or a slash in them.
  const names = Object.keys(node.getAllContext() as object);
  const unknown = names.filter((name) => /^\w+$/.test(name) && !(name in settingsSchema.shape));
  if (unknown.length > 0) {
    throw new UsageError(`The context has a value that is not known: ${unknown.join(', ')}`, {
      hint: `There is ${Object.keys(settingsSchema.shape).join(', ')}.`,
    });
  }
  const result = settingsSchema.safeParse(given);
  if (result.success) return result.data;
  throw settingsError(result.error, given, {
    beginning: 'The context is not valid: ',
    hint: 'Give values as `npx cdk deploy -c backend=wasm -c concurrency=32`.',
  });
}
