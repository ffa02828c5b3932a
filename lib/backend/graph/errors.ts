import { LambduelError } from '../../errors.ts';

const EAGER = 'use --gradients eager';

/** What is to be compiled cannot be: another try ends the same way. */
export class GraphRefusedError extends LambduelError {
  /** @param remedy what to change in the program; going without a graph is offered beside it */
  constructor(message: string, remedy: string, cause?: unknown) {
    super(message, { hint: `${remedy}, or ${EAGER}.`, cause });
  }
}
