import { setTimeout as sleep } from 'node:timers/promises';
import { ListQueuesCommand, PurgeQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { StackUser } from '../support/stack-user.ts';
import { GARBLED } from './faulty-queues.ts';

/** A garbled job is tried five times, further apart each time, before it is put aside. */
const QUIET_MS = 120_000;
const POLL_MS = 500;
/** A coordinator tidies up within so long after its run's end. */
const TIDYING_MS = 20_000;

/** A run is finished before its coordinator has removed what it no longer needs: what stays is a leak. */
export async function untilNone<T>(
  look: () => Promise<T[]>,
  limitMs: number = TIDYING_MS,
): Promise<T[]> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found.length === 0 || performance.now() > deadline) return found;
    await sleep(POLL_MS);
  }
}

/** What is left in queues once they are quiet: other queues than the stack's two, jobs, letters. */
export async function quietProblems(user: StackUser): Promise<string[]> {
  const { JobQueueUrl, DeadLetterQueueUrl } = user.outputs;
  const problems = await untilNone(async () => {
    const { QueueUrls = [] } = await user.sqs.send(new ListQueuesCommand({}));
    const others = QueueUrls.filter((url) => url !== JobQueueUrl && url !== DeadLetterQueueUrl);
    const jobs = await user.messagesIn(JobQueueUrl);
    if (others.length === 0 && jobs === 0) return [];
    return [`queues are left: ${others.join(' ') || 'none'}, with ${jobs} jobs`];
  }, QUIET_MS);
  const letters = (await deadLetters(user)).filter((body) => !body.startsWith(GARBLED));
  if (letters.length > 0) problems.push(`${letters.length} jobs are dead letters: ${letters[0]}`);
  return problems;
}

/** Take all dead letters out of their queue. */
async function deadLetters({ sqs, outputs }: StackUser): Promise<string[]> {
  const bodies: string[] = [];
  const QueueUrl = outputs.DeadLetterQueueUrl;
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    if (Messages.length === 0) break;
    bodies.push(...Messages.map(({ Body = '' }) => Body));
  }
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  return bodies;
}
