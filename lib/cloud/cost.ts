import { systemClock } from '../run/clock.ts';
import type { RunEventBus } from '../run/events.ts';
import { workMs } from '../wire/messages.ts';

/**
 * US dollars, list prices of us-east-1 on x86 without any free tier (aws.amazon.com: Lambda, SQS
 * and S3 pricing). Other regions differ by up to a half.
 */
const PRICES = {
  gigabyteSecond: 0.0000166667,
  invocation: 0.2e-6,
  queueRequest: 0.4e-6,
  putRequest: 5e-6,
  getRequest: 0.4e-6,
} as const;

/** SQS counts one request per this many bytes. */
const QUEUE_CHUNK_BYTES = 65_536;
/** Networks of a generative adversarial network. */
const NETWORKS = 2;
/** A worker's time for sending its answer, which the answer itself cannot say. */
export const ANSWERING_MS = 50;

/** What the functions of a stack have, in megabytes. */
export interface Memories {
  readonly coordinatorMb: number;
  readonly workerMb: number;
}

/**
 * Estimate what a coordinator and its workers cost: the functions' time, their invocations, and the
 * requests of each step. Storage, logs and traffic out of the region are not included.
 *
 * @returns a function that gives the US dollars so far
 */
export function meterCost(bus: RunEventBus, { coordinatorMb, workerMb }: Memories): () => number {
  const startedAt = systemClock.now();
  let workers = 0;
  bus.on('answered', ({ timing, data, lane }) => {
    const ms = workMs(timing) + ANSWERING_MS;
    workers += secondsPrice(ms, workerMb) + PRICES.invocation + messagePrice(0);
    // A step changes one network. A lane reads all networks and its state, and writes a new state.
    workers += lane ? (NETWORKS + 1) * PRICES.getRequest + PRICES.putRequest : PRICES.getRequest;
    workers += data.key ? PRICES.putRequest + PRICES.getRequest : messagePrice(data.bytes);
  });
  let published = 1;
  bus.on('started', ({ config }) => {
    published = config.localIterations > 0 ? NETWORKS : 1;
  });
  bus.on('iteration', ({ steps }) => {
    workers += steps.length * published * PRICES.putRequest; // the weights
  });
  return () => workers + secondsPrice(systemClock.now() - startedAt, coordinatorMb);
}

function secondsPrice(ms: number, megabytes: number): number {
  return (ms / 1000) * (megabytes / 1024) * PRICES.gigabyteSecond;
}

/** A message is sent, received and deleted. */
function messagePrice(payloadBytes: number): number {
  const chunks = 1 + Math.floor((payloadBytes * 4) / 3 / QUEUE_CHUNK_BYTES);
  return (2 * chunks + 1) * PRICES.queueRequest;
}
