import { z } from 'zod';
import { LambduelError } from '../errors.ts';
import { backendNameSchema } from '../run/record/config.ts';

/** Where the functions' metrics are in CloudWatch. */
export const METRICS_NAMESPACE = 'Lambduel';

/** The environment variables of each function of the stack. */
export const functionEnvironmentSchema = z.object({
  /** The bucket that is the store. */
  LAMBDUEL_BUCKET: z.string().min(1),
  /** Begins the names of all queues that coordinators make, and no other names in the account. */
  LAMBDUEL_QUEUE_PREFIX: z.string().min(1),
  LAMBDUEL_JOB_QUEUE_URL: z.string().min(1),
  /** What the workers compute with. */
  LAMBDUEL_WORKER_BACKEND: backendNameSchema,
  /** Whether native workers unpack the library that they compute with, or find it in their image. */
  LAMBDUEL_WORKER_PACKAGING: z.enum(['zip', 'image']).default('image'),
  /** The folder of the function's code. Lambda sets it. */
  LAMBDA_TASK_ROOT: z.string().min(1).default('/var/task'),
  /** The log stream of the execution environment, which ends with its id. Lambda sets it. */
  AWS_LAMBDA_LOG_STREAM_NAME: z.string().optional(),
  /** Threads of one operation in a worker. Several help only with several virtual CPUs. */
  LAMBDUEL_WORKER_THREADS: z.coerce.number().int().min(1).default(1),
  /** The worker function's memory, which its price depends on. */
  LAMBDUEL_WORKER_MEMORY_MB: z.coerce.number().int().min(128).default(1769),
  /** The coordinator's function name. Only the watchdog needs it. */
  LAMBDUEL_COORDINATOR: z.string().min(1).optional(),
  /** The resident workers' function name. Only the coordinator needs it, and the next two. */
  LAMBDUEL_RESIDENT_WORKER: z.string().min(1).optional(),
  /** The most resident workers of a run. */
  LAMBDUEL_CONCURRENCY: z.coerce.number().int().min(1).default(16),
  /** Where jobs go that no resident worker can do. */
  LAMBDUEL_DEAD_LETTER_ARN: z.string().min(1).optional(),
  /** Milliseconds to wait after making a queue: 1000, as AWS asks for; 0 for LocalStack. */
  LAMBDUEL_QUEUE_SETTLE_MS: z.coerce.number().int().min(0).default(1000),
  /** Milliseconds until a job that could not be done comes again; twice as long each time. */
  LAMBDUEL_JOB_RETRY_MS: z.coerce.number().int().min(0).default(1000),
  /** Whether runs may have programs of their own. */
  LAMBDUEL_OWN_PROGRAMS: z.literal('true').optional(),
  /** The namespace of the metrics, and the value of their dimension `service`. */
  LAMBDUEL_METRICS_NAMESPACE: z.string().min(1).default(METRICS_NAMESPACE),
  LAMBDUEL_STACK: z.string().min(1),
});

/** See {@link functionEnvironmentSchema}. */
export type FunctionEnvironment = z.infer<typeof functionEnvironmentSchema>;

/** @throws LambduelError that names the variables that are missing or wrong */
export function functionEnvironment(
  env: Readonly<Record<string, string | undefined>> = process.env,
): FunctionEnvironment {
  const result = functionEnvironmentSchema.safeParse(env);
  if (result.success) return result.data;
  const names = result.error.issues.map(({ path }) => path.join('.'));
  throw new LambduelError(`The function's environment is wrong: ${names.join(', ')}`, {
    hint: 'Deploy the stack again.',
    cause: result.error,
  });
}

/** The coordinator's function name. @throws LambduelError when the environment lacks it */
export function requireCoordinator({ LAMBDUEL_COORDINATOR }: FunctionEnvironment): string {
  if (LAMBDUEL_COORDINATOR) return LAMBDUEL_COORDINATOR;
  throw new LambduelError("The function's environment has no LAMBDUEL_COORDINATOR", {
    hint: 'Deploy the stack again.',
  });
}
