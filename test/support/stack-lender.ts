import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type DeployedStack, deployStack } from '../../localstack/deployed-stack.ts';
import type { LocalStack } from '../../localstack/start.ts';

/** What is different from a stack of the defaults: a job that cannot be done is tried again at once. */
const CONTEXT = { jobRetrySeconds: '0', ownPrograms: 'true' };

/** Deploys a stack for the first who asks, and lends it to one at a time: until its connection closes. */
export class StackLender {
  readonly #start: () => Promise<LocalStack>;
  #deployed: Promise<DeployedStack> | undefined;
  #free: Promise<unknown> = Promise.resolve();

  /** @param start the LocalStack to deploy to */
  constructor(start: () => Promise<LocalStack>) {
    this.#start = start;
  }

  async lend(response: ServerResponse): Promise<void> {
    const before = this.#free;
    const closed = once(response, 'close');
    this.#free = Promise.all([before, closed]);
    await before;
    this.#deployed ??= deployStack(CONTEXT, this.#start);
    const { localStack, outputs } = await this.#deployed;
    const { endpoint, env } = localStack;
    response.write(`${JSON.stringify({ localStack: { endpoint, env }, outputs })}\n`);
  }

  async dispose(): Promise<void> {
    await this.#deployed?.then(
      ({ dispose }) => dispose(),
      () => {},
    );
  }
}
