import { LambduelError } from '../lib/errors.ts';

/** LocalStack cannot be installed or started; `hint` says what to do about it. */
export class LocalStackError extends LambduelError {}
