import {
  GetFunctionConfigurationCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { startFunction } from '../lib/aws/functions.ts';
import type { Trigger } from '../lib/cloud/trigger.ts';
import type { DeployedStack } from '../localstack/deployed-stack.ts';
import { StackUser } from '../support/stack-user.ts';
import { untilNone } from './aws-leaks.ts';
import { functionProcesses } from './aws-processes.ts';
import { AwsProxy, type Handle } from './aws-proxy.ts';
import { signal } from './processes.ts';

/** How long a job stays hidden: so short that a frozen worker's job comes again. */
const VISIBILITY_SECONDS = 6;
/** The same where a first score trains a classifier: on a busy machine that must not look like a death. */
const LONG_VISIBILITY_SECONDS = 90;

type Variables = Readonly<Record<string, string>>;

/** A stack on LocalStack whose functions reach AWS by a proxy. */
export class ChaosStack {
  readonly user: StackUser;
  #proxy!: AwsProxy;
  #visibilitySeconds = '';
  #handle: Handle = (_call, forward) => forward();

  private constructor(stack: DeployedStack) {
    this.user = new StackUser(stack);
  }

  /** Have the functions of a stack call by a proxy. From then on this process's own clients use its LocalStack, too. */
  static async of(stack: DeployedStack): Promise<ChaosStack> {
    const { endpoint, env } = stack.localStack;
    Object.assign(process.env, env);
    const chaos = new ChaosStack(stack);
    chaos.#visibilitySeconds = await chaos.#visibility();
    chaos.#proxy = await AwsProxy.start(endpoint, (...args) => chaos.#handle(...args));
    await chaos.#redirect((variables) => ({
      ...variables,
      AWS_ENDPOINT_URL: chaos.#proxy.endpoint,
    }));
    return chaos;
  }

  get coordinator(): string {
    return this.user.outputs.CoordinatorFunctionName;
  }

  get worker(): string {
    return nameIn(this.user.outputs.WorkerLogGroup);
  }

  get resident(): string {
    return this.user.outputs.ResidentWorkerFunctionName ?? '';
  }

  get watchdog(): string {
    return nameIn(this.user.outputs.WatchdogLogGroup);
  }

  get proxy(): AwsProxy {
    return this.#proxy;
  }

  /** Say what is done with requests from now on; nothing: they are handed on. */
  handleBy(handle: Handle = (_call, forward) => forward()): void {
    this.#handle = handle;
  }

  /** Ids of the processes of a function. */
  processes(name: string): Promise<number[]> {
    return functionProcesses(this.#proxy.endpoint, name);
  }

  /** Say whether a job of the next run may take long. */
  async expectLongJobs(areLong: boolean): Promise<void> {
    await this.#hideJobsFor(`${areLong ? LONG_VISIBILITY_SECONDS : VISIBILITY_SECONDS}`);
  }

  /** Have the coordinator function do something, and do not wait. */
  async start(trigger: Trigger): Promise<void> {
    await startFunction(this.coordinator, trigger);
  }

  /** Leave the stack as it was, and let the processes end that LocalStack has replaced by that. */
  async release(): Promise<void> {
    for (const pid of await functionProcesses(this.#proxy.endpoint)) signal(pid, 'SIGCONT');
    await this.#hideJobsFor(this.#visibilitySeconds);
    await this.#redirect(({ AWS_ENDPOINT_URL: _, ...variables }) => variables);
    await untilNone(() => functionProcesses(this.#proxy.endpoint));
    this.#proxy.close();
  }

  /**
   * End the processes that still call by the proxy, when it is released: there is to be none.
   *
   * @returns what was wrong: nothing, if all is well
   */
  async endProcesses(): Promise<string[]> {
    const left = await functionProcesses(this.#proxy.endpoint);
    for (const pid of left) signal(pid, 'SIGKILL');
    return left.length > 0 ? [`processes of functions are left: ${left}`] : [];
  }

  async #visibility(): Promise<string> {
    const { Attributes } = await this.user.sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.user.outputs.JobQueueUrl,
        AttributeNames: ['VisibilityTimeout'],
      }),
    );
    return Attributes?.VisibilityTimeout ?? '';
  }

  async #hideJobsFor(VisibilityTimeout: string): Promise<void> {
    const { JobQueueUrl: QueueUrl } = this.user.outputs;
    const Attributes = { VisibilityTimeout };
    await this.user.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  }

  async #redirect(change: (variables: Variables) => Variables): Promise<void> {
    for (const name of [this.coordinator, this.worker, this.resident, this.watchdog]) {
      await this.#changeEnvironment(name, change);
    }
  }

  async #changeEnvironment(
    FunctionName: string,
    change: (variables: Variables) => Variables,
  ): Promise<void> {
    const { lambda: client } = this.user;
    const { Environment } = await client.send(
      new GetFunctionConfigurationCommand({ FunctionName }),
    );
    const Variables = change(Environment?.Variables ?? {});
    const changed = { FunctionName, Environment: { Variables } };
    await client.send(new UpdateFunctionConfigurationCommand(changed));
    await waitUntilFunctionUpdatedV2({ client, minDelay: 1, maxWaitTime: 60 }, { FunctionName });
  }
}

function nameIn(logGroup: string): string {
  return logGroup.split('/').at(-1) as string;
}
