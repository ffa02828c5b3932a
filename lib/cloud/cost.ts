import type { RunEventBus } from '../run/events.ts';
import type { BilledTime } from '../run/record/head.ts';

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

/** What the functions of a stack have, in megabytes. */
export interface Memories {
  readonly coordinatorMb: number;
  readonly workerMb: number;
}

/**
 * Estimate what a coordinator and its workers cost: the functions' time, their invocations, and the
 * requests of each step. Resident workers cost all of their time, also when they wait. Storage, logs
 * and traffic out of the region are not included.
 *
 * @param billed how long the functions ran so far
 * @returns a function that gives the US dollars so far
 */
export function meterCost(
  bus: RunEventBus,
  billed: () => BilledTime,
  { coordinatorMb, workerMb }: Memories,
): () => number {
  let workers = 0;
  let residents = 0;
  bus.on('residents', ({ size, started }) => {
    residents = size;
    workers += started * PRICES.invocation;
  });
  bus.on('answered', ({ data, lane }) => {
    workers += messagePrice(0);
    if (residents === 0) workers += PRICES.invocation;
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
  return () => {
    const { coordinatorMs, workersMs, residentsMs } = billed();
    return (
      workers +
      secondsPrice(coordinatorMs, coordinatorMb) +
      secondsPrice(workersMs + residentsMs, workerMb)
    );
  };
}

function secondsPrice(ms: number, megabytes: number): number {
  return (ms / 1000) * (megabytes / 1024) * PRICES.gigabyteSecond;
}

/** A message is sent, received and deleted. */
function messagePrice(payloadBytes: number): number {
  const chunks = 1 + Math.floor((payloadBytes * 4) / 3 / QUEUE_CHUNK_BYTES);
  return (2 * chunks + 1) * PRICES.queueRequest;
}
