import { SqsQueueService } from '../queue/sqs.ts';
import { createSqsClient } from '../queue/sqs-client.ts';
import {
  builtInProgramsOnly,
  type ProgramLibrary,
  programsIn,
} from '../run/programs/program-library.ts';
import { S3Store } from '../store/s3.ts';
import { createS3Client } from '../store/s3-client.ts';
import { type FunctionEnvironment, functionEnvironment } from './environment.ts';

/** The job queue's name here. Its name in SQS is another. */
export const JOBS = 'jobs';

/** What a function works with. Made once per execution environment. */
export interface CloudServices {
  readonly env: FunctionEnvironment;
  readonly store: S3Store;
  readonly queues: SqsQueueService;
  /** The programs that runs may have, as the stack was deployed. */
  readonly programs: ProgramLibrary;
}

/** The services that a function's environment names. */
export function cloudServices(env: FunctionEnvironment = functionEnvironment()): CloudServices {
  const store = new S3Store(createS3Client(), env.LAMBDUEL_BUCKET);
  return {
    env,
    store,
    programs: env.LAMBDUEL_OWN_PROGRAMS ? programsIn(store) : builtInProgramsOnly(),
    queues: new SqsQueueService(createSqsClient(), {
      prefix: env.LAMBDUEL_QUEUE_PREFIX,
      known: { [JOBS]: env.LAMBDUEL_JOB_QUEUE_URL },
      deadLetterArn: env.LAMBDUEL_DEAD_LETTER_ARN,
      settleMs: env.LAMBDUEL_QUEUE_SETTLE_MS,
      tags: { 'lambduel:stack': env.LAMBDUEL_STACK },
    }),
  };
}
