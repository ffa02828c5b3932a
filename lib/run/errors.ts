import { LambduelError } from '../errors.ts';

/** A job failed too often, or in a way that another try would not repair. */
export class JobFailedError extends LambduelError {}

/** Training has left the range of numbers: another try would end the same way. */
export class DivergedError extends JobFailedError {
  /** @param what is not finite, such as `The gradient of step 3 on shard 0, network D,` */
  constructor(what: string, cause?: unknown) {
    super(`${what} is not finite`, {
      cause,
      hint: 'Training diverged: try a lower --learning-rate. The last checkpoint is kept.',
    });
  }
}

/** A program file is not a program, or its code threw an error. Another try would end the same way. */
export class ProgramError extends JobFailedError {}
