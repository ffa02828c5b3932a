import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { invokeFunction } from '../lib/aws/functions.ts';
import { triggerAnswerSchema } from '../lib/cloud/trigger.ts';
import { readMetrics } from '../lib/observe/metrics.ts';
import { systemClock } from '../lib/run/clock.ts';
import type { Head } from '../lib/run/record/head.ts';
import { runKeys } from '../lib/run/record/keys.ts';
import { createRun, readConfig } from '../lib/run/record/runs.ts';
import { DiskStore } from '../lib/store/disk.ts';
import { AwsFaults } from './aws-faults.ts';
import { quietProblems, untilNone } from './aws-leaks.ts';
import { AwsProcessFaults } from './aws-process-faults.ts';
import type { ChaosStack } from './aws-stack.ts';
import { resultHashes, trainUndisturbed } from './embedded-run.ts';
import { FaultSource, faultsDone, writePlan } from './fault-source.ts';
import { awsKinds, residentKinds } from './kinds.ts';
import { metricsProblems, storeLeaks } from './leaks.ts';
import type { ChaosOptions, ChaosOutcome } from './outcome.ts';
import { drawPlan, type Fault, iterationsOf, type PlanOptions } from './plan.ts';
import { BEFORE, putInputs, runSettings } from './run-settings.ts';
import { awsScoringKinds, kindsOf } from './scoring-kinds.ts';
import { Tally } from './tally.ts';

const POLL_MS = 300;
const TELL_EVERY_MS = 5000;
const LIMIT_MS = 300_000;
const LIMIT_PER_FAULT_MS = 10_000;
/** A first score that is lost is waited for as long as a classifier may be trained. */
const LIMIT_OF_SCORES_MS = 900_000;
/** A run that nobody has taken up for so long is taken up by hand, which is told. */
const ABANDONED_MS = 75_000;
/** LocalStack now and then loses the event that starts a run on a function that was just changed. */
const LOST_EVENT_MS = 10_000;
/** What a run may fail of when it is disturbed. */
const EXPECTED = [/fault/, / is not finite/, /failed 5 times/, /There is no queue jobs-/];

/** Iterations that leave room for so many faults. */
function iterationsFor({ faults, localIterations }: PlanOptions): number {
  return iterationsOf(Math.max(12, Math.ceil(0.8 * faults)), localIterations);
}

/** The plan of a run on AWS. */
export function awsPlan(options: PlanOptions): Fault[] {
  const { faults, seed, localIterations = 0, fleet } = options;
  // What lanes have trained may be too much for a message, and only there it can be poisoned.
  const { 'non-finite-gradient': _, ...others } = awsKinds;
  const trained = localIterations > 0 ? others : awsKinds;
  const own = fleet === 'resident' ? { ...trained, ...residentKinds } : trained;
  const kinds = kindsOf(options, own, awsScoringKinds);
  return drawPlan(seed, faults, iterationsFor(options), kinds);
}

/** Train with faults on a stack, and compare with what comes without any, here. */
export async function runOnAws(
  stack: ChaosStack,
  folder: string,
  options: ChaosOptions,
): Promise<ChaosOutcome> {
  const { faults: count, seed, say, fleet = 'event', scoreEvery = 0 } = options;
  const iterations = iterationsFor(options);
  const plan = awsPlan(options);
  writePlan(folder, plan);
  const source = new FaultSource(folder);
  const recoveries = new Tally();
  const faults = new AwsFaults(source, recoveries);
  faults.tear = (call) => stack.proxy.tear(call);
  await stack.expectLongJobs(scoreEvery > 0);
  const program = await putInputs(stack.user.store, options);
  const settings = {
    ...{ fleet, ...program },
    ...runSettings(options, { iterations, batch: 16, shards: 4 }),
  };
  const before = options.initFromRun ? { initFrom: await trainBefore(stack, settings) } : {};
  stack.handleBy(faults.handle);
  const runId = await startThere(stack, { ...settings, ...before });
  const processFaults = new AwsProcessFaults({
    ...{ stack, runId, faults, source, recoveries },
    workers: fleet === 'resident' ? stack.resident : stack.worker,
  });
  const problems: string[] = [];
  const startedAt = performance.now();
  const performing = processFaults.perform(plan);
  performing.catch((error: unknown) => problems.push(`a fault could not be done: ${error}`));
  let head: Head | undefined;
  try {
    head = await untilFinished({ stack, runId, recoveries, problems }, options, (iteration) =>
      say(`${faultsDone(folder).size} of ${count} faults, iteration ${iteration} of ${iterations}`),
    );
  } finally {
    processFaults.close();
    await performing.catch(() => {});
  }
  const wallMs = performance.now() - startedAt;
  if (!head) problems.push('the run did not end');
  else recoveries.add('runs taken up again', head.epoch - 1);
  const { store } = stack.user;
  problems.push(...(await untilNone(() => storeLeaks(store, runId))));
  problems.push(...(await quietProblems(stack.user)));
  if (await faults.residentsStay()) problems.push('resident workers outlive their run');
  stack.handleBy();
  const local = await trainHere(stack, folder, runId, options);
  problems.push(...(await metricsProblems(store, runId, await readMetrics(local, runId))));
  return {
    target: 'aws',
    seed,
    plan,
    done: faultsDone(folder),
    recoveries: recoveries.toJSON(),
    wallMs,
    weights: head ? await resultHashes(store, runId) : undefined,
    undisturbed: await resultHashes(local, runId),
    problems,
  };
}

async function startThere(stack: ChaosStack, settings: object): Promise<string> {
  const answer = await invokeFunction(stack.coordinator, { action: 'train', ...settings });
  return triggerAnswerSchema.parse(answer).runId;
}

/** Train a run on the stack, with no fault, that another one begins with. @returns its id */
async function trainBefore(stack: ChaosStack, settings: object): Promise<string> {
  const runId = await startThere(stack, { ...settings, ...BEFORE });
  await stack.user.untilFinished(runId);
  await stack.user.untilQuiet();
  return runId;
}

/** The same run on this machine, with no cloud and no faults. */
async function trainHere(
  stack: ChaosStack,
  folder: string,
  runId: string,
  options: ChaosOptions,
): Promise<DiskStore> {
  const local = await DiskStore.open(join(folder, 'store'));
  const { store } = stack.user;
  await putInputs(local, options);
  for (const { key } of await store.list(runKeys.allInitial(runId))) {
    await local.create(key, (await store.get(key)).bytes);
  }
  await createRun(local, await readConfig(store, runId), systemClock);
  await trainUndisturbed(local, runId);
  return local;
}

/** Go on with the run when it fails, as whoever watches it would. @returns its head at the end */
async function untilFinished(
  { stack, runId, recoveries, problems }: Watched,
  { faults, signal, say, scoreEvery = 0 }: ChaosOptions,
  tell: (iteration: number) => void,
): Promise<Head | undefined> {
  const limit = LIMIT_MS + LIMIT_PER_FAULT_MS * faults + (scoreEvery > 0 ? LIMIT_OF_SCORES_MS : 0);
  const deadline = performance.now() + limit;
  let toldAt = performance.now();
  let [revision, changedAt] = [-1, performance.now()];
  while (performance.now() < deadline && !signal?.aborted) {
    const head = await stack.user.head(runId);
    if (head.status === 'finished') return head;
    if (head.revision !== revision) [revision, changedAt] = [head.revision, performance.now()];
    if (head.status === 'failed') {
      const message = head.error?.message ?? '';
      if (!EXPECTED.some((pattern) => pattern.test(message))) {
        problems.push(`the run failed: ${message}`);
        return undefined;
      }
      recoveries.add('failures resumed');
      await invokeFunction(stack.coordinator, { action: 'resume', runId });
      const failed = head.revision;
      while ((await stack.user.head(runId)).revision === failed && performance.now() < deadline) {
        await sleep(POLL_MS);
      }
    } else if (performance.now() - changedAt > (head.epoch === 0 ? LOST_EVENT_MS : ABANDONED_MS)) {
      recoveries.add(head.epoch === 0 ? 'starts that LocalStack lost' : 'runs taken up by hand');
      say(`nobody advances the run: ${JSON.stringify(head)}`);
      await invokeFunction(stack.coordinator, { action: 'resume', runId });
      changedAt = performance.now();
    }
    await sleep(POLL_MS);
    if (performance.now() - toldAt < TELL_EVERY_MS) continue;
    tell(head.iteration);
    toldAt = performance.now();
  }
  return undefined;
}

interface Watched {
  readonly stack: ChaosStack;
  readonly runId: string;
  readonly recoveries: Tally;
  readonly problems: string[];
}
