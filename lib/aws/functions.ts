import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { LambduelError } from '../errors.ts';
import { clientSettings } from './client-settings.ts';
import { awsErrorName, awsHint, awsReason } from './errors.ts';

/** Functions answer within a minute, of which a cold start of an image is a large part. */
const SILENCE_MS = 120_000;

/** A function ran and failed, by throwing or by running out of time or memory. */
export class FunctionFailedError extends LambduelError {
  constructor(
    readonly functionName: string,
    /** The name of the error that it threw, or the runtime's name for how it ended. */
    readonly errorType: string,
    /** What that error says, without the function's name. */
    readonly errorMessage: string,
  ) {
    super(`The function ${functionName} failed: ${errorMessage}`, {
      hint: 'Its log says more: see `lambduel logs`.',
    });
  }
}

let shared: LambdaClient | undefined;

/**
 * Run a function and wait for its answer.
 *
 * @returns the answer, parsed; undefined if there is none
 * @throws FunctionFailedError when it ran and failed
 */
export async function invokeFunction(name: string, payload: unknown): Promise<unknown> {
  const answer = await send(name, payload, 'RequestResponse');
  const text = answer.Payload?.transformToString() ?? '';
  if (answer.FunctionError !== undefined) throw failure(name, text);
  return text === '' ? undefined : JSON.parse(text);
}

/** Start a function, now or as soon as there is room for it, and do not wait. */
export async function startFunction(name: string, payload: unknown): Promise<void> {
  await send(name, payload, 'Event');
}

async function send(name: string, payload: unknown, type: 'RequestResponse' | 'Event') {
  shared ??= new LambdaClient(clientSettings(SILENCE_MS));
  const request = { FunctionName: name, InvocationType: type, Payload: JSON.stringify(payload) };
  try {
    return await shared.send(new InvokeCommand(request));
  } catch (error) {
    throw functionError(error, name);
  }
}

function functionError(error: unknown, name: string): LambduelError {
  if (awsErrorName(error) === 'ResourceNotFoundException') {
    return new LambduelError(`There is no function ${name} in this region`, {
      cause: error,
      hint: 'The stack may have been deleted, or deployed again: check AWS_REGION, and `npx cdk deploy`.',
    });
  }
  return new LambduelError(`The function ${name} cannot be invoked: ${awsReason(error)}`, {
    cause: error,
    hint: awsHint(error),
  });
}

/** What the Lambda runtime says about a failure. Parts may be missing when it was killed. */
function failure(name: string, text: string): FunctionFailedError {
  let said: { errorType?: unknown; errorMessage?: unknown } = {};
  try {
    said = Object(JSON.parse(text));
  } catch {
    // Not JSON: then it is the message.
  }
  const { errorType = 'Error', errorMessage = text } = said;
  return new FunctionFailedError(name, String(errorType), String(errorMessage));
}
