import { awsErrorName, awsHint, awsReason, awsStatus } from '../aws/errors.ts';
import { LambduelError } from '../errors.ts';
import { ObjectNotFoundError, StoreUnavailableError } from './store.ts';

/** What was done, and to what, when S3 failed. */
export interface Attempted {
  readonly bucket: string;
  /** Completes "cannot be ...". */
  readonly verb: string;
  readonly key?: string;
}

/** An S3 error as an error of the port. */
export function storeError(error: unknown, { bucket, verb, key }: Attempted): LambduelError {
  if (error instanceof LambduelError) return error;
  if (key !== undefined && isNoObject(error)) return new ObjectNotFoundError(key, error);
  const what = key === undefined ? `The bucket ${bucket}` : `${key} in the bucket ${bucket}`;
  return new StoreUnavailableError(`${what} cannot be ${verb}: ${awsReason(error)}`, {
    cause: error,
    hint:
      awsErrorName(error) === 'NoSuchBucket'
        ? 'Check the name of the bucket, AWS_REGION and AWS_PROFILE; the stack may have been deleted.'
        : awsHint(error),
  });
}

/** There is no object with this key. S3 says so only to callers that may list the bucket. */
export function isNoObject(error: unknown): boolean {
  return ['NoSuchKey', 'NotFound'].includes(awsErrorName(error));
}

/** Another write of the same object is in progress. Which condition holds is not decided yet. */
export function isConflict(error: unknown): boolean {
  return awsStatus(error) === 409;
}

/** The condition of a write does not hold. */
export function isRefused(error: unknown): boolean {
  return awsStatus(error) === 412;
}

/** Whether an object that a batch could not remove may be removed by the next. */
export function mayPass(code: string | undefined): boolean {
  return ['InternalError', 'ServiceUnavailable', 'SlowDown', 'RequestTimeout'].includes(code ?? '');
}
