import { z } from 'zod';
import { backendNameSchema } from '../run/record/config.ts';

/** Version of the outputs' form. A stack is Lambduel's when it has an output `LambduelStack`. */
export const STACK_FORMAT = '1';

/** A whole number: outputs are texts. */
const whole = z.string().regex(/^\d{1,5}$/);

/** The CloudFormation outputs of a stack, which the command line reads. */
export const stackOutputsSchema = z.object({
  LambduelStack: z.literal(STACK_FORMAT),
  BucketName: z.string().min(1),
  JobQueueUrl: z.string().min(1),
  DeadLetterQueueUrl: z.string().min(1),
  QueuePrefix: z.string().min(1),
  WorkerBackend: backendNameSchema,
  // Stacks of earlier versions do not say these three.
  WorkerPackaging: z.enum(['zip', 'image']).exactOptional(),
  /** MB. */
  WorkerMemory: whole.exactOptional(),
  /** Seconds for one job. */
  WorkerTimeout: whole.exactOptional(),
  /** Whether runs may have programs of their own. Stacks of earlier versions do not say. */
  OwnPrograms: z.enum(['true', 'false']).exactOptional(),
  CoordinatorFunctionName: z.string().min(1),
  CoordinatorLogGroup: z.string().min(1),
  WorkerLogGroup: z.string().min(1),
  WatchdogLogGroup: z.string().min(1),
  // Stacks of earlier versions have no resident workers.
  ResidentWorkerFunctionName: z.string().min(1).optional(),
  ResidentWorkerLogGroup: z.string().min(1).optional(),
});

/** See {@link stackOutputsSchema}. */
export type StackOutputs = z.infer<typeof stackOutputsSchema>;
