import {
  GetFunctionConfigurationCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { startFunction } from '../lib/aws/functions.ts';
import type { Trigger } from '../lib/cloud/trigger.ts';
import { type DeployedStack, deployStack } from '../localstack/deployed-stack.ts';
import { StackUser } from '../support/stack-user.ts';
import { functionProcesses } from './aws-processes.ts';
import { AwsProxy, type Handle } from './aws-proxy.ts';
import { signal } from './processes.ts';

/** How long a job stays hidden: so short that a frozen worker's job comes again. */
const VISIBILITY_SECONDS = 6;
/** The same where a first score trains a classifier: on a busy machine that must not look like a death. */
const LONG_VISIBILITY_SECONDS = 90;

/** A stack on LocalStack whose functions reach AWS by a proxy. */
export class ChaosStack {
  readonly user: StackUser;
  readonly #stack: DeployedStack;
  #proxy!: AwsProxy;
  #handle: Handle = (_call, forward) => forward();

  private constructor(stack: DeployedStack) {
    this.#stack = stack;
    this.user = new StackUser(stack);
  }

  /** Deploy it. From then on this process's own clients use the LocalStack, too. */
  static async deploy(): Promise<ChaosStack> {
    const stack = await deployStack({ ownPrograms: 'true' });
    try {
      const { endpoint, env } = stack.localStack;
      Object.assign(process.env, env);
      const chaos = new ChaosStack(stack);
      chaos.#proxy = await AwsProxy.start(endpoint, (...args) => chaos.#handle(...args));
      await chaos.#redirect();
      return chaos;
    } catch (error) {
      await stack.dispose();
      throw error;
    }
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
    const seconds = areLong ? LONG_VISIBILITY_SECONDS : VISIBILITY_SECONDS;
    await this.user.sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: this.user.outputs.JobQueueUrl,
        Attributes: { VisibilityTimeout: `${seconds}` },
      }),
    );
  }

  /** Have the coordinator function do something, and do not wait. */
  async start(trigger: Trigger): Promise<void> {
    await startFunction(this.coordinator, trigger);
  }

  /** @returns what is left: nothing, if all is well */
  async dispose(): Promise<string[]> {
    const { endpoint } = this.#proxy;
    for (const pid of await functionProcesses(endpoint)) signal(pid, 'SIGCONT');
    await this.#stack.dispose();
    this.#proxy.close();
    const after = await functionProcesses(endpoint);
    for (const pid of after) signal(pid, 'SIGKILL');
    return after.length > 0 ? [`processes of functions are left: ${after}`] : [];
  }

  async #redirect(): Promise<void> {
    for (const name of [this.coordinator, this.worker, this.resident, this.watchdog]) {
      await this.#redirectOne(name);
    }
  }

  async #redirectOne(FunctionName: string): Promise<void> {
    const { lambda: client } = this.user;
    const { Environment } = await client.send(
      new GetFunctionConfigurationCommand({ FunctionName }),
    );
    const Variables = { ...Environment?.Variables, AWS_ENDPOINT_URL: this.#proxy.endpoint };
    const change = { FunctionName, Environment: { Variables } };
    await client.send(new UpdateFunctionConfigurationCommand(change));
    await waitUntilFunctionUpdatedV2({ client, minDelay: 1, maxWaitTime: 60 }, { FunctionName });
  }
}

function nameIn(logGroup: string): string {
  return logGroup.split('/').at(-1) as string;
}
