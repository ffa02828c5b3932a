import type { Delivery, Queue } from '../../queue/queue.ts';
import { parseJob } from '../../wire/messages.ts';

/** Messages that are looked at, at most. */
const MAX_READ = 1000;
const AT_ONCE = 10;
const WAIT_MS = 1000;

/** How many of the dead letters concern a run. */
export interface DeadLetters {
  /** Jobs of this run. */
  readonly ofRun: number;
  /** Messages that are not jobs, or have an unknown format. */
  readonly ofNoRun: number;
}

/** Count the dead letters that concern a run, and leave them all where they are. */
export async function countDeadLetters(dead: Queue, runId: string): Promise<DeadLetters> {
  const deliveries = await receiveAll(dead);
  await giveBack(dead, deliveries);
  const runs = deliveries.map(runOf);
  return {
    ofRun: runs.filter((run) => run === runId).length,
    ofNoRun: runs.filter((run) => run === undefined).length,
  };
}

/**
 * Send a run's dead jobs to the workers again. If this process dies meanwhile, a job may be sent
 * twice. That does no harm: a job may be done any number of times.
 *
 * @returns how many were sent
 */
export async function redrive(dead: Queue, jobs: Queue, runId: string): Promise<number> {
  const deliveries = await receiveAll(dead);
  const own = deliveries.filter((delivery) => runOf(delivery) === runId);
  try {
    for (const { body, receipt } of own) {
      await jobs.send([{ body, group: runId }]);
      await dead.acknowledge([receipt]);
    }
  } finally {
    await giveBack(
      dead,
      deliveries.filter((delivery) => !own.includes(delivery)),
    );
  }
  return own.length;
}

async function receiveAll(queue: Queue): Promise<Delivery[]> {
  const all: Delivery[] = [];
  for (;;) {
    const some = await queue.receive({ max: AT_ONCE, waitMs: WAIT_MS });
    all.push(...some);
    if (some.length === 0 || all.length >= MAX_READ) return all;
  }
}

async function giveBack(queue: Queue, deliveries: readonly Delivery[]): Promise<void> {
  for (const { receipt } of deliveries) await queue.extend(receipt, 0);
}

/** The run of a dead job; undefined for what is no job. */
function runOf({ body }: Delivery): string | undefined {
  try {
    return parseJob(body).runId;
  } catch {
    return undefined;
  }
}
