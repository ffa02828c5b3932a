import { LambduelError } from '../errors.ts';

/** The packed native library is not what its manifest says. */
export class DamagedLibraryError extends LambduelError {
  constructor(what: string, cause?: unknown) {
    super(`The packed native library is damaged: ${what}`, {
      hint: 'Deploy the stack again with `npx cdk deploy`.',
      cause,
    });
  }
}

/** As `workerStorage` counts. */
const MEGABYTE = 2 ** 20;

/** There is too little room to unpack the native library. */
export class NoRoomError extends LambduelError {
  /**
   * @param needed bytes
   * @param free bytes, where it is known
   */
  constructor(folder: string, needed: number, free?: number, cause?: unknown) {
    const found =
      free === undefined ? 'it is full' : `it has ${Math.floor(free / MEGABYTE)} MB free`;
    super(
      `The native library needs ${Math.ceil(needed / MEGABYTE)} MB in ${folder}, and ${found}`,
      {
        hint: 'Deploy the stack with more storage for workers: `npx cdk deploy -c workerStorage=2048`.',
        cause,
      },
    );
  }
}
