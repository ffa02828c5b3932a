import { setTimeout as sleep } from 'node:timers/promises';
import { allJobQueues } from '../lib/run/record/keys.ts';
import { POLL_MS } from '../lib/run/worker/reside.ts';
import {
  type AwsAnswer,
  type AwsCall,
  acceptedAnswer,
  isAboutOwnJobs,
  s3Error,
  sqsAnswer,
  sqsError,
} from './aws-call.ts';
import { sendBatch } from './aws-messages.ts';
import type { Forward } from './aws-proxy.ts';
import { damaged } from './damage.ts';
import type { FaultSource } from './fault-source.ts';
import type { Tally } from './tally.ts';

type Reason = readonly [status: number, code: string];

const S3_ERRORS: readonly Reason[] = [
  [500, 'InternalError'],
  [503, 'SlowDown'],
  [503, 'ServiceUnavailable'],
];
const SQS_ERRORS: readonly Reason[] = [
  [403, 'ThrottlingException'],
  [503, 'ServiceUnavailable'],
  [500, 'InternalFailure'],
];
/** So many answers of S3 have wrong times, one after the other. */
const SKEWED_ANSWERS = 30;
/** Longer than a lease. */
const SKIPPED_MS = 120_000;

/** Does the plan's faults of messages and objects to what passes between functions and AWS. */
export class AwsFaults {
  readonly #faults: FaultSource;
  readonly #recoveries: Tally;
  /** Closes the connection of an upload in its middle. */
  tear: (call: AwsCall) => Promise<void> = async () => {};
  #refused = new Map<string, number>();
  #conflicts = 0;
  #conflict = 409;
  #skewMs = 0;
  #skewed = 0;
  #skipped = false;
  #lostStarts = 0;
  #ownJobsCalls = 0;

  constructor(faults: FaultSource, recoveries: Tally) {
    this.#faults = faults;
    this.#recoveries = recoveries;
  }

  /** From now on, until the head is changed, it looks as if its lease had run out. */
  skipTime(): void {
    this.#skipped = true;
  }

  /** From now on: the start of one resident worker is lost. */
  loseStart(): void {
    this.#lostStarts++;
  }

  /** Whether anybody still looks for jobs of runs' own queues, once these should be gone. */
  async residentsStay(): Promise<boolean> {
    await sleep(POLL_MS);
    const before = this.#ownJobsCalls;
    await sleep(POLL_MS);
    return this.#ownJobsCalls > before;
  }

  readonly handle = async (call: AwsCall, forward: Forward): Promise<AwsAnswer | undefined> => {
    const attempt = /attempt=(\d+)/.exec(String(call.headers['amz-sdk-request']))?.[1];
    if (Number(attempt) > 1) this.#recoveries.add('requests tried again');
    if (call.service === 'S3') return this.#withTimes(call, await this.#storeCall(call, forward));
    if (call.service === 'SQS') return this.#queueCall(call, forward);
    if (call.service === 'Lambda') return this.#invocation(call, forward);
    return forward();
  };

  async #storeCall(call: AwsCall, forward: Forward): Promise<AwsAnswer | undefined> {
    if (call.method === 'GET') return this.#read(call, forward);
    return call.method === 'PUT' ? this.#write(call, forward) : forward();
  }

  async #read(call: AwsCall, forward: Forward): Promise<AwsAnswer> {
    if (this.#isRefused('read')) return s3Error(...this.#reason(S3_ERRORS, 'read'));
    const purpose = call.purpose === 'lanes' ? 'weights' : call.purpose; // as good as weights
    const slow = this.#faults.take('slow-read', purpose);
    if (slow) await sleep(slow.ms);
    const answer = await forward();
    if (answer.status !== 200 || !this.#faults.take('payload-corrupted', purpose)) return answer;
    return { ...answer, body: Buffer.from(damaged(answer.body)) };
  }

  async #write(call: AwsCall, forward: Forward): Promise<AwsAnswer | undefined> {
    const { key, purpose } = call;
    const version = Number(/\/weights\/D\/(\d+)-/.exec(key)?.[1] ?? 0); // one an iteration
    this.#faults.iteration = Math.max(this.#faults.iteration, version);
    if (this.#isRefused('write')) return s3Error(...this.#reason(S3_ERRORS, 'write'));
    if (this.#conflicts === 0) this.#takeConflict(purpose);
    if (this.#conflicts > 0) {
      this.#conflicts--;
      return this.#conflict === 409
        ? s3Error(409, 'ConditionalRequestConflict')
        : s3Error(412, 'PreconditionFailed');
    }
    if (this.#faults.take('torn-upload', purpose)) {
      await this.tear(call);
      return undefined;
    }
    const unreported = this.#faults.take('write-unreported', purpose);
    const answer = await forward();
    if (purpose === 'head' && answer.status === 200) this.#skipped = false;
    return unreported ? undefined : answer;
  }

  /** A failed condition without a cause befalls the head alone: it is what there are retries for. */
  #takeConflict(purpose: string): void {
    const conflict =
      this.#faults.take('write-conflict', '409') ??
      (purpose === 'head' ? this.#faults.take('write-conflict', '412') : undefined);
    if (!conflict) return;
    this.#conflict = Number(conflict.variant);
    this.#conflicts = this.#conflict === 412 ? 1 : conflict.times;
  }

  async #queueCall(call: AwsCall, forward: Forward): Promise<AwsAnswer | undefined> {
    const { operation, side } = call;
    if (isAboutOwnJobs(call)) this.#ownJobsCalls++;
    if (operation === 'DeleteMessageBatch' && this.#faults.take('acknowledgement-lost', side)) {
      const { Entries } = JSON.parse(call.body.toString()) as { Entries: { Id: string }[] };
      return sqsAnswer(JSON.stringify({ Successful: Entries.map(({ Id }) => ({ Id })) }));
    }
    if (operation !== 'SendMessageBatch') return forward();
    if (this.#isRefused(side)) return sqsError(...this.#reason(SQS_ERRORS, side));
    if (isRepeated(call)) this.#recoveries.add('jobs sent again');
    const unreported = this.#faults.take('write-unreported', side);
    if (unreported) {
      await forward();
      return undefined;
    }
    return sendBatch(this.#faults, call, forward);
  }

  /** A coordinator names the queue of the worker that it starts. */
  async #invocation(call: AwsCall, forward: Forward): Promise<AwsAnswer> {
    if (this.#lostStarts === 0 || !call.body.includes(allJobQueues)) return forward();
    this.#lostStarts--;
    this.#recoveries.add('starts of workers that were lost');
    return acceptedAnswer();
  }

  #isRefused(variant: string): boolean {
    const left = this.#refused.get(variant) ?? 0;
    if (left === 0) {
      const fault = this.#faults.take('store-unavailable', variant);
      if (fault) this.#refused.set(variant, fault.times);
    }
    return (this.#refused.get(variant) ?? 0) > 0;
  }

  #reason(reasons: readonly Reason[], variant: string): Reason {
    const left = this.#refused.get(variant) ?? 1;
    this.#refused.set(variant, left - 1);
    return reasons[left % reasons.length] as Reason;
  }

  /** S3's clock as it is, or as far from the functions' as the plan says. */
  #withTimes(call: AwsCall, answer: AwsAnswer | undefined): AwsAnswer | undefined {
    if (!answer) return undefined;
    if (this.#skewed === 0) {
      const skew = this.#faults.take('clock-skew');
      if (skew) {
        this.#skewed = SKEWED_ANSWERS;
        this.#skewMs = skew.variant === 'ahead' ? skew.ms : -skew.ms;
      }
    }
    const skewMs = this.#skewed > 0 ? this.#skewMs : 0;
    if (this.#skewed > 0) this.#skewed--;
    const isHead = call.method === 'GET' && call.purpose === 'head';
    const { date, 'last-modified': written } = answer.headers;
    const shifted: Record<string, string> = {};
    if (date) shifted.date = later(date, skewMs + (isHead && this.#skipped ? SKIPPED_MS : 0));
    if (written) shifted['last-modified'] = later(written, skewMs);
    return { ...answer, headers: { ...answer.headers, ...shifted } };
  }
}

function later(date: string, ms: number): string {
  return new Date(Date.parse(date) + ms).toUTCString();
}

/** Whether a job is sent for the second time, or more. */
function isRepeated({ side, body }: AwsCall): boolean {
  return side === 'job' && /\\"attempt\\":([2-9]|\d\d)/.test(body.toString());
}
