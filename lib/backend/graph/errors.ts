import { LambduelError } from '../../errors.ts';

const EAGER = 'use --gradients eager';

/** Something cannot be compiled. Another try ends the same way. */
export class GraphRefusedError extends LambduelError {
  /** @param remedy what to change in the program. The hint also offers to do without a graph */
  constructor(
    message: string,
    readonly remedy: string,
    cause?: unknown,
  ) {
    super(message, { hint: `${remedy}, or ${EAGER}.`, cause });
  }
}
