import { setTimeout as sleep } from 'node:timers/promises';
import type { CoordinatorProcess } from './coordinators.ts';
import type { FaultSource } from './fault-source.ts';
import { PROCESS_KINDS } from './kinds.ts';
import type { Fault } from './plan.ts';
import { signal } from './processes.ts';
import type { Supervisor } from './supervisor.ts';
import type { Tally } from './tally.ts';

const POLL_MS = 10;
/** The longest that a rival is waited for while the first coordinator is frozen. */
const RIVAL_MS = 20_000;
/** A run waits for its faults when it is so many iterations ahead of them. */
const AHEAD = 2;

/** Does the plan's faults of processes, one after the other, while a run goes on. */
export class ProcessFaults {
  readonly #supervisor: Supervisor;
  readonly #source: FaultSource;
  readonly #recoveries: Tally;
  readonly #frozen = new Set<number>();
  #over = false;

  constructor(supervisor: Supervisor, source: FaultSource, recoveries: Tally) {
    this.#supervisor = supervisor;
    this.#source = source;
    this.#recoveries = recoveries;
  }

  /** Do all of them, or as many as there is time for. */
  async perform(plan: readonly Fault[]): Promise<void> {
    for (const fault of plan.filter(({ kind }) => PROCESS_KINDS.has(kind))) {
      const holder = await this.#holderAt(fault.iteration);
      if (!holder) return;
      if (fault.kind.startsWith('worker') || fault.kind === 'coordinator-killed') {
        await sleep(fault.kind === 'worker-frozen' ? 0 : fault.ms);
      }
      await this.#perform(fault, holder);
    }
    this.#supervisor.holder?.hold(false);
  }

  /** The run is over: do no more, and let nothing stay frozen. */
  close(): void {
    this.#over = true;
    for (const pid of this.#frozen) signal(pid, 'SIGCONT');
  }

  /** The coordinator that has the run, once it has come to an iteration; undefined: the run is over. */
  async #holderAt(iteration: number): Promise<CoordinatorProcess | undefined> {
    for (;;) {
      if (this.#over) return undefined;
      const { holder, canStart } = this.#supervisor;
      if (holder && holder.iteration >= iteration) {
        holder.hold(holder.iteration >= iteration + AHEAD);
        if (canStart) return holder;
      } else {
        holder?.hold(false);
      }
      await sleep(POLL_MS);
    }
  }

  async #perform(fault: Fault, holder: CoordinatorProcess): Promise<void> {
    switch (fault.kind) {
      case 'worker-killed':
        return this.#killWorker(fault);
      case 'worker-frozen':
        return this.#freezeWorker(fault);
      case 'coordinator-killed':
        this.#source.claim(fault);
        return holder.kill('SIGKILL');
      case 'two-coordinators':
        this.#source.claim(fault);
        return this.#startRival(fault, holder);
      case 'clock-skew': {
        this.#source.claim(fault);
        const wrongMs = fault.variant === 'ahead' ? fault.ms : -fault.ms;
        this.#supervisor.start({ wrongMs, eager: false });
      }
    }
  }

  async #killWorker(fault: Fault): Promise<void> {
    const pid = await this.#worker(fault);
    if (pid === undefined || !signal(pid, 'SIGKILL')) return;
    this.#source.claim(fault);
    this.#recoveries.add('workers replaced');
  }

  /** It goes on by itself: the next fault may come while it is frozen. */
  async #freezeWorker(fault: Fault): Promise<void> {
    const pid = await this.#worker(fault);
    if (pid === undefined || !signal(pid, 'SIGSTOP')) return;
    this.#source.claim(fault);
    this.#frozen.add(pid);
    setTimeout(() => {
      this.#frozen.delete(pid);
      if (signal(pid, 'SIGCONT')) this.#recoveries.add('workers woken');
    }, fault.ms);
  }

  async #worker({ skip }: Fault): Promise<number | undefined> {
    while (!this.#over) {
      const workers = this.#supervisor.holder?.workers ?? [];
      const awake = workers.filter((pid) => !this.#frozen.has(pid));
      if (awake.length > 0) return awake[skip % awake.length];
      await sleep(POLL_MS);
    }
    return undefined;
  }

  async #startRival({ variant }: Fault, holder: CoordinatorProcess): Promise<void> {
    if (variant === 'both alive') {
      this.#supervisor.start({ eager: false });
    } else if (variant === 'both started') {
      holder.kill('SIGKILL');
      this.#supervisor.start();
      this.#supervisor.start({ eager: false });
    } else {
      holder.kill('SIGSTOP');
      this.#frozen.add(holder.pid);
      const rival = this.#supervisor.start();
      const until = performance.now() + RIVAL_MS;
      while (rival.alive && rival.epoch === undefined && performance.now() < until) {
        await sleep(POLL_MS);
      }
      holder.kill('SIGCONT');
      this.#frozen.delete(holder.pid);
    }
  }
}
