import {
  CloudFormationClient,
  DescribeStacksCommand,
  type DescribeStacksCommandOutput,
  type Stack as StackDescription,
} from '@aws-sdk/client-cloudformation';
import { LambduelError, messageOf } from '../errors.ts';
import { type ClientSettings, clientSettings } from './client-settings.ts';
import { awsErrorName, awsHint, awsReason } from './errors.ts';

const SILENCE_MS = 20_000;

/** A CloudFormation stack, whatever it is for. */
export interface Stack {
  readonly name: string;
  /** Such as `CREATE_COMPLETE`. */
  readonly status: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** Whose credentials are used, for messages. */
export interface Identity {
  /** The id of the access key, which is not secret. */
  readonly keyId: string;
  /** The account's number, if the credentials include it. */
  readonly account: string | undefined;
}

/** AWS cannot be asked at all: no region, no credentials, no permission, no connection. */
export class AwsUnavailableError extends LambduelError {}

/** Reads the stacks of the account and region that the environment names. */
export class StackReader {
  readonly #client: CloudFormationClient;

  constructor(settings: Partial<ClientSettings> = {}) {
    this.#client = new CloudFormationClient({ ...clientSettings(SILENCE_MS), ...settings });
  }

  /** @throws AwsUnavailableError when none is set */
  async region(): Promise<string> {
    try {
      return await this.#client.config.region();
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** @throws AwsUnavailableError when there are no credentials */
  async identity(): Promise<Identity> {
    try {
      const { accessKeyId, accountId } = await this.#client.config.credentials();
      return { keyId: accessKeyId, account: accountId };
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** All stacks, without those that were deleted. @throws AwsUnavailableError */
  async all(): Promise<Stack[]> {
    const stacks: Stack[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.#describe({ NextToken });
      const described = (page.Stacks ?? []).map(stackOf);
      stacks.push(...described.filter(({ status }) => status !== 'DELETE_COMPLETE'));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return stacks;
  }

  /** The stack of a name; undefined where there is none. @throws AwsUnavailableError */
  async named(name: string): Promise<Stack | undefined> {
    try {
      const { Stacks = [] } = await this.#describe({ StackName: name });
      return Stacks[0] && stackOf(Stacks[0]);
    } catch (error) {
      const { cause } = error as Error;
      if (awsErrorName(cause) !== 'ValidationError') throw error; // what AWS calls "there is none"
      return undefined;
    }
  }

  async #describe(input: {
    StackName?: string;
    NextToken?: string | undefined;
  }): Promise<DescribeStacksCommandOutput> {
    try {
      return await this.#client.send(new DescribeStacksCommand(input));
    } catch (error) {
      throw unavailable(error);
    }
  }
}

function stackOf({ StackName = '', StackStatus, Outputs = [] }: StackDescription): Stack {
  const outputs = Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]);
  return {
    name: StackName,
    status: StackStatus ?? 'unknown',
    outputs: Object.fromEntries(outputs),
  };
}

function unavailable(error: unknown): AwsUnavailableError {
  return new AwsUnavailableError(sentenceOf(error), { cause: error, hint: awsHint(error) });
}

function sentenceOf(error: unknown): string {
  if (/region is missing/i.test(messageOf(error))) return 'No AWS region is set';
  if (awsErrorName(error) === 'CredentialsProviderError') {
    return `There are no AWS credentials to use: ${messageOf(error)}`;
  }
  return `AWS cannot be asked for its stacks: ${awsReason(error)}`;
}
