import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readMetrics } from '../lib/observe/metrics.ts';
import { readHead } from '../lib/run/record/head.ts';
import {
  createEmbeddedRuns,
  type EmbeddedRuns,
  iterationsFor,
  resultHashes,
  trainUndisturbed,
} from './embedded-run.ts';
import { FaultSource, faultsDone, writePlan } from './fault-source.ts';
import { embeddedKinds } from './kinds.ts';
import { fileLeaks, metricsProblems, processLeaks, storeLeaks } from './leaks.ts';
import type { ChaosOptions, ChaosOutcome } from './outcome.ts';
import { drawPlan, type Fault, type PlanOptions } from './plan.ts';
import { ProcessFaults } from './process-faults.ts';
import { embeddedScoringKinds, kindsOf } from './scoring-kinds.ts';
import { Supervisor } from './supervisor.ts';
import { Tally } from './tally.ts';

const POLL_MS = 20;
const TELL_EVERY_MS = 5000;
/** A run that takes longer than this is lost, whatever it still does. */
const LIMIT_MS = 420_000;
const LIMIT_PER_FAULT_MS = 3000;

/** The plan of an embedded run. */
export function embeddedPlan(options: PlanOptions): Fault[] {
  const kinds = kindsOf(options, embeddedKinds, embeddedScoringKinds);
  return drawPlan(options.seed, options.faults, iterationsFor(options), kinds);
}

/** Train with faults on this machine, and compare with what comes without. */
export async function runEmbedded(options: ChaosOptions): Promise<ChaosOutcome> {
  const { say } = options;
  const runs = await createEmbeddedRuns(options);
  try {
    const { store, undisturbed } = runs;
    say(`training ${undisturbed.iterations} iterations undisturbed (${undisturbed.backend})`);
    await trainUndisturbed(store, undisturbed.runId, options.signal);
    return await disturb(runs, embeddedPlan(options), options);
  } finally {
    await runs.remove();
  }
}

async function disturb(
  runs: EmbeddedRuns,
  plan: readonly Fault[],
  { seed, say, signal }: ChaosOptions,
): Promise<ChaosOutcome> {
  const { folder, store, disturbed } = runs;
  const chaos = join(folder, 'chaos');
  writePlan(chaos, plan);
  const recoveries = new Tally();
  const supervisor = new Supervisor(runs, chaos, recoveries);
  const processFaults = new ProcessFaults(supervisor, new FaultSource(chaos), recoveries);
  const startedAt = performance.now();
  let finished = false;
  try {
    const performing = processFaults.perform(plan);
    finished = await untilFinished(runs, supervisor, plan.length, signal, () =>
      say(
        `${faultsDone(chaos).size} of ${plan.length} faults, iteration ` +
          `${supervisor.holder?.iteration ?? '-'} of ${disturbed.iterations}, ` +
          `${supervisor.starts} coordinators`,
      ),
    );
    processFaults.close();
    await performing;
    await Promise.all(supervisor.alive.map(({ ended }) => Promise.race([ended, sleep(20_000)])));
  } finally {
    processFaults.close();
    await supervisor.dispose();
  }
  const wallMs = performance.now() - startedAt;
  const { runId } = disturbed;
  const problems = [
    ...supervisor.problems,
    ...(await processLeaks(store.root)),
    ...(await storeLeaks(store, runId)),
    ...(await fileLeaks(store)),
    ...(await metricsProblems(store, runId, await readMetrics(store, runs.undisturbed.runId))),
  ];
  return {
    target: 'embedded',
    seed,
    plan,
    done: faultsDone(chaos),
    recoveries: recoveries.toJSON(),
    wallMs,
    weights: finished ? await resultHashes(store, runId) : undefined,
    undisturbed: await resultHashes(store, runs.undisturbed.runId),
    problems,
  };
}

/** Have a coordinator advance the run until it is finished. @returns whether it came to that */
async function untilFinished(
  { store, disturbed }: EmbeddedRuns,
  supervisor: Supervisor,
  faults: number,
  signal: AbortSignal | undefined,
  tell: () => void,
): Promise<boolean> {
  const deadline = performance.now() + LIMIT_MS + LIMIT_PER_FAULT_MS * faults;
  let toldAt = performance.now();
  while (performance.now() < deadline && !signal?.aborted) {
    if (supervisor.alive.length === 0) {
      const { head } = await readHead(store, disturbed.runId);
      if (head.status === 'finished') return true;
      if (supervisor.starts > 2 * faults + 20 || supervisor.problems.length > 0) return false;
      supervisor.start();
    }
    await sleep(POLL_MS);
    if (performance.now() - toldAt < TELL_EVERY_MS) continue;
    tell();
    toldAt = performance.now();
  }
  return false;
}
