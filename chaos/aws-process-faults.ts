import { setTimeout as sleep } from 'node:timers/promises';
import { invokeFunction, startFunction } from '../lib/aws/functions.ts';
import { jobQueue } from '../lib/run/record/keys.ts';
import type { AwsFaults } from './aws-faults.ts';
import type { ChaosStack } from './aws-stack.ts';
import type { FaultSource } from './fault-source.ts';
import { residentKinds } from './kinds.ts';
import type { Fault } from './plan.ts';
import { signal } from './processes.ts';
import type { Tally } from './tally.ts';
import { killUnpacking } from './unpacking.ts';

const POLL_MS = 50;
const KINDS = new Set([
  'worker-killed',
  'worker-frozen',
  'coordinator-killed',
  'two-coordinators',
  'unpacking-killed',
  ...Object.keys(residentKinds),
]);

/** What process faults work on. */
export interface ProcessFaultContext {
  readonly stack: ChaosStack;
  readonly runId: string;
  /** The name of the function that does the jobs. */
  readonly workers: string;
  readonly faults: AwsFaults;
  readonly source: FaultSource;
  readonly recoveries: Tally;
}

/** Does the plan's faults of functions' processes while a run goes on. */
export class AwsProcessFaults {
  readonly #context: ProcessFaultContext;
  readonly #frozen = new Set<number>();
  #over = false;

  constructor(context: ProcessFaultContext) {
    this.#context = context;
  }

  async perform(plan: readonly Fault[]): Promise<void> {
    const { source } = this.#context;
    const others: Promise<void>[] = [];
    for (const fault of plan.filter(({ kind }) => KINDS.has(kind))) {
      while (!this.#over && source.iteration < fault.iteration) await sleep(POLL_MS);
      if (fault.kind !== 'worker-frozen') await sleep(fault.ms);
      const performed = this.#performOnce(fault);
      // Until a lost worker has a successor that unpacks, the run goes a long way.
      if (fault.kind === 'unpacking-killed') others.push(performed);
      else await performed;
    }
    await Promise.all(others);
  }

  /** As soon as there is anything to do it to. */
  async #performOnce(fault: Fault): Promise<void> {
    while (!this.#over && !(await this.#perform(fault))) await sleep(POLL_MS);
    if (!this.#over) this.#context.source.claim(fault);
  }

  close(): void {
    this.#over = true;
    for (const pid of this.#frozen) signal(pid, 'SIGCONT');
  }

  /** @returns whether there was anything to do it to */
  async #perform({ kind, variant, skip, ms }: Fault): Promise<boolean> {
    const { stack, runId, recoveries } = this.#context;
    if (kind in residentKinds) return this.#disturbResidents(kind);
    if (kind === 'coordinator-killed') return this.#killCoordinator();
    if (kind === 'two-coordinators') {
      if (variant === 'both started' && !(await this.#killCoordinator(false))) return false;
      for (let i = 0; i < 2; i++) await stack.start({ action: 'advance', runId });
      recoveries.add('coordinators that gave way');
      return true;
    }
    const pids = (await stack.processes(this.#context.workers)).filter(
      (pid) => !this.#frozen.has(pid),
    );
    const pid = pids[skip % Math.max(1, pids.length)];
    if (pid === undefined) return false;
    if (kind === 'worker-killed') {
      recoveries.add('workers replaced');
      return signal(pid, 'SIGKILL');
    }
    if (kind === 'unpacking-killed') {
      const isOver = () => this.#over;
      if (!(await killUnpacking(pid, isOver))) return false;
      recoveries.add('unpackings begun anew');
      return true;
    }
    if (!signal(pid, 'SIGSTOP')) return false;
    this.#frozen.add(pid);
    setTimeout(() => {
      this.#frozen.delete(pid);
      if (signal(pid, 'SIGCONT')) recoveries.add('workers woken');
    }, ms);
    return true;
  }

  /** What befalls the start of resident workers, and their queue. */
  async #disturbResidents(kind: string): Promise<boolean> {
    const { stack, runId, faults } = this.#context;
    const { epoch, lease } = await stack.user.head(runId);
    const queue = jobQueue(runId, epoch);
    if (lease === null || !(await stack.user.queues.list(queue)).includes(queue)) return false;
    if (kind === 'started-twice') await startFunction(stack.resident, { queue, worker: '0.1' });
    if (kind === 'job-queue-removed') await stack.user.queues.remove(queue);
    if (kind !== 'start-lost') return true;
    if (!(await this.#killCoordinator())) return false;
    faults.loseStart(); // of one of the next coordinator's workers
    return true;
  }

  /** Kill it, and have the watchdog find out at once that its lease has run out. */
  async #killCoordinator(watch = true): Promise<boolean> {
    const { stack, runId, faults, recoveries } = this.#context;
    const { head, pids } = { head: await stack.user.head(runId), pids: await this.#coordinators() };
    if (head.status !== 'running' || head.lease === null || pids.length === 0) return false;
    for (const pid of pids) signal(pid, 'SIGKILL');
    faults.skipTime();
    recoveries.add('coordinators replaced');
    if (watch) await invokeFunction(stack.watchdog, {});
    return true;
  }

  #coordinators(): Promise<number[]> {
    const { stack } = this.#context;
    return stack.processes(stack.coordinator);
  }
}
