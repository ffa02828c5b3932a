/**
 * What a step costs on AWS, as far as LocalStack can show it: `npm run bench:aws`. Deploys the stack
 * on LocalStack, trains in each mode in turn, and prints the milliseconds of an iteration and of its
 * parts beside those of the same run on this machine alone. Then the requests and bytes of a step by
 * kind, as counted by a proxy between the functions and LocalStack, without the queue's own polling; and
 * the bytes of a step for each way that gradients and weights travel, against float32 for both.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { invokeFunction } from '../lib/aws/functions.ts';
import { triggerAnswerSchema } from '../lib/cloud/trigger.ts';
import { readMetrics } from '../lib/observe/metrics.ts';
import { summarize } from '../lib/run/record/runs.ts';
import { S3Store } from '../lib/store/s3.ts';
import { createS3Client } from '../lib/store/s3-client.ts';
import { deployStack } from '../localstack/deployed-stack.ts';
import { CountingProxy } from './counting-proxy.ts';
import { print, round, runLoop } from './processes.ts';
import { medianTimes, type Timed } from './timed.ts';

const ITERATIONS = 30;
const SHARDS = 4;
const PHASES = 3;
/** The modes take turns so often, so that a machine whose speed drifts slows all of them. */
const ROUNDS = Number(process.env.ROUNDS ?? 2);
const LOCAL = 20;
const RESIDENT = { fleet: 'resident' };
const MODES = {
  event: {},
  resident: RESIDENT,
  'resident, 2 workers': { ...RESIDENT, workers: 2 },
  'event, local iterations 20': { localIterations: LOCAL },
  'resident, local iterations 20': { ...RESIDENT, localIterations: LOCAL },
};
/** Rounds of local iterations of a run. */
const LOCAL_ROUNDS = 4;
/** Bytes are the same in each step: a short run tells them. */
const COUNTED_ITERATIONS = 10;
/** How gradients and weights travel; float32 for both is what the others are compared with. */
const WAYS = [
  { wire: 'f32', weightsWire: 'f32' },
  { wire: 'f16', weightsWire: 'f32' },
  { wire: 'f16', weightsWire: 'f16' },
  { wire: 'int8', weightsWire: 'f32' },
  { wire: 'int8', weightsWire: 'f16' },
] as const;

const stack = await deployStack();
const { outputs, localStack } = stack;
Object.assign(process.env, localStack.env);
const store = new S3Store(createS3Client(), outputs.BucketName);
const [coordinator, worker] = await Promise.all([startProxy(), startProxy()]);
try {
  await train(2); // functions that are warm
  await compareModes();
  const names = [outputs.CoordinatorFunctionName, outputs.WorkerLogGroup.split('/').at(-1)];
  await redirect(names[0] as string, coordinator);
  await redirect(names[1] as string, worker);
  await train(2); // functions that are warm
  coordinator.take();
  worker.take();
  await train(ITERATIONS);
  printTraffic('coordinator', coordinator);
  printTraffic('worker', worker);
  await compareBytes();
} finally {
  coordinator.close();
  worker.close();
  await stack.dispose();
}

function startProxy(): Promise<CountingProxy> {
  return CountingProxy.start(localStack.endpoint);
}

/** Have a function use a proxy. */
async function redirect(FunctionName: string, proxy: CountingProxy): Promise<void> {
  const client = new LambdaClient();
  const { Environment } = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const { endpoint } = proxy;
  const Variables = { ...Environment?.Variables, AWS_ENDPOINT_URL: endpoint };
  const changed = { FunctionName, Environment: { Variables } };
  await client.send(new UpdateFunctionConfigurationCommand(changed));
  await waitUntilFunctionUpdatedV2({ client, minDelay: 1, maxWaitTime: 60 }, { FunctionName });
}

/** Train a run to its end. @returns its id */
async function train(iterations: number, way: object = {}): Promise<string> {
  const trigger = { action: 'train', iterations, shards: SHARDS, sampleEvery: 0, ...way };
  const answer = await invokeFunction(outputs.CoordinatorFunctionName, trigger);
  const { runId } = triggerAnswerSchema.parse(answer);
  for (;;) {
    const { status, head } = await summarize(store, runId);
    process.stderr.write(`run ${runId}: ${status}, iteration ${head.iteration}\n`);
    if (status === 'finished') return runId;
    if (status === 'failed') throw new Error(head.error?.message);
    await sleep(2000);
  }
}

/** The same settings on this machine alone. */
async function embedded(): Promise<Timed[]> {
  const settings = {
    iterations: ITERATIONS,
    workers: 2,
    shards: SHARDS,
    wire: 'f16',
    backend: outputs.WorkerBackend,
  };
  const lines = await runLoop('./lambduel-loop.ts', [JSON.stringify(settings)]);
  return lines.map((line) => JSON.parse(line) as Timed);
}

/** Print an iteration's times in each mode, and its ratio to that of event. */
async function compareModes(): Promise<void> {
  const reports = new Map<string, Timed[]>();
  const add = (mode: string, of: readonly Timed[]) =>
    reports.set(mode, [...(reports.get(mode) ?? []), ...of]);
  for (let turn = 0; turn < ROUNDS; turn++) {
    for (const [mode, way] of Object.entries(MODES)) {
      const isLocal = 'localIterations' in way;
      const runId = await train(isLocal ? LOCAL_ROUNDS * LOCAL : ITERATIONS, way);
      // In the first iteration, or round, functions start.
      add(mode, (await readMetrics(store, runId)).slice(isLocal ? LOCAL : 1));
    }
    add('one machine, 2 workers', await embedded());
  }
  const times = [...reports].map(([mode, of]) => ({ mode, ...medianTimes(of) }));
  const ofEvent = times[0]?.msPerIteration ?? Number.NaN;
  for (const each of times) {
    const ratio = round(each.msPerIteration / ofEvent);
    print({ bench: 'aws', shards: SHARDS, ...each, ratio });
  }
}

function printTraffic(of: string, proxy: CountingProxy): void {
  const steps = PHASES * ITERATIONS;
  for (const [kind, { requests, bytesSent, bytesReceived }] of [...proxy.take()].sort()) {
    print({
      bench: 'aws',
      of,
      kind,
      requestsPerStep: round(requests / steps),
      bytesSentPerStep: Math.round(bytesSent / steps),
      bytesReceivedPerStep: Math.round(bytesReceived / steps),
    });
  }
}

/** Print the bytes of a step for each way, from and to the functions, and their share of float32's. */
async function compareBytes(): Promise<void> {
  let ofFloats = Number.NaN;
  for (const way of WAYS) {
    await train(COUNTED_ITERATIONS, way);
    const traffic = [coordinator, worker].flatMap((proxy) => [...proxy.take().values()]);
    const bytes = traffic.reduce((sum, each) => sum + each.bytesSent + each.bytesReceived, 0);
    if (Number.isNaN(ofFloats)) ofFloats = bytes;
    const bytesPerStep = Math.round(bytes / PHASES / COUNTED_ITERATIONS);
    print({ bench: 'aws', ...way, shards: SHARDS, bytesPerStep, share: round(bytes / ofFloats) });
  }
}
