import { GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { LambduelError } from '../errors.ts';
import { isNoQueue, queueError } from './sqs-errors.ts';

const NAME = /^[A-Za-z0-9_-]{1,80}$/;

/** Finds the URLs of queues, by which SQS identifies them, and keeps them. */
export class QueueUrls {
  readonly #client: SQSClient;
  readonly #prefix: string;
  readonly #known: Readonly<Record<string, string>>;
  readonly #found = new Map<string, Promise<string>>();

  constructor(client: SQSClient, prefix: string, known: Readonly<Record<string, string>>) {
    this.#client = client;
    this.#prefix = prefix;
    this.#known = known;
  }

  /** The name of a queue in SQS. */
  fullName(name: string): string {
    const full = this.#prefix + name;
    if (NAME.test(full)) return full;
    throw new LambduelError(`SQS takes no queue that is named ${JSON.stringify(full)}`, {
      hint: 'Names are up to 80 letters, digits, "-" and "_", the prefix included.',
    });
  }

  /**
   * Do something with a queue's URL. The errors of SQS become the port's.
   *
   * @throws QueueNotFoundError also when the queue has gone since its URL was found
   */
  async use<T>(name: string, action: (url: string) => Promise<T>): Promise<T> {
    try {
      return await action(await this.#urlOf(name));
    } catch (error) {
      if (isNoQueue(error)) this.forget(name);
      throw queueError(error, name);
    }
  }

  remember(name: string, url: string): void {
    this.#found.set(name, Promise.resolve(url));
  }

  forget(name: string): void {
    this.#found.delete(name);
  }

  isKnown(name: string): boolean {
    return Object.hasOwn(this.#known, name);
  }

  async #urlOf(name: string): Promise<string> {
    if (this.isKnown(name)) return this.#known[name] as string;
    const found = this.#found.get(name) ?? this.#find(this.fullName(name));
    this.#found.set(name, found);
    found.catch(() => this.#found.delete(name));
    return found;
  }

  /** The URL of a queue, by its name in SQS. */
  async #find(QueueName: string): Promise<string> {
    const { QueueUrl = '' } = await this.#client.send(new GetQueueUrlCommand({ QueueName }));
    return QueueUrl;
  }
}
