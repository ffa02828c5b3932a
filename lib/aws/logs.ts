import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  type FilterLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { LambduelError } from '../errors.ts';
import { clientSettings } from './client-settings.ts';
import { awsErrorName, awsHint, awsReason } from './errors.ts';

const SILENCE_MS = 30_000;

/** A line of a log group. */
export interface LogEvent {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly message: string;
}

let shared: CloudWatchLogsClient | undefined;

/**
 * Lines of a log group that contain one of the terms, oldest first. Endpoints other than AWS's own
 * may return further lines.
 *
 * @param from milliseconds since 1970
 * @throws LambduelError when the group is not there or cannot be read
 */
export async function readLogEvents(
  group: string,
  terms: readonly string[],
  from: number,
): Promise<LogEvent[]> {
  shared ??= new CloudWatchLogsClient(clientSettings(SILENCE_MS));
  const events: LogEvent[] = [];
  let nextToken: string | undefined;
  do {
    const command = new FilterLogEventsCommand({
      logGroupName: group,
      filterPattern: anyOf(terms),
      startTime: from,
      nextToken,
    });
    const page: FilterLogEventsCommandOutput = await shared
      .send(command)
      .catch((error: unknown) => {
        throw logsError(error, group);
      });
    for (const { timestamp = 0, message = '' } of page.events ?? []) {
      events.push({ time: timestamp, message });
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events.sort((a, b) => a.time - b.time);
}

/** A pattern for lines with at least one of the terms, each as it stands. */
function anyOf(terms: readonly string[]): string {
  const [first = ''] = terms;
  const quoted = terms.map((term) => `?"${term}"`);
  return terms.length === 1 ? `"${first}"` : quoted.join(' ');
}

function logsError(error: unknown, group: string): LambduelError {
  if (awsErrorName(error) === 'ResourceNotFoundException') {
    return new LambduelError(`There is no log group ${group}`, {
      cause: error,
      hint: 'The stack makes it: deploy it again with `npx cdk deploy`.',
    });
  }
  return new LambduelError(`The log group ${group} cannot be read: ${awsReason(error)}`, {
    cause: error,
    hint: awsHint(error),
  });
}
