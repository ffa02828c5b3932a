import { networkLayout, networkOf } from '../lib/program/network.ts';
import { programsIn } from '../lib/run/programs/program-library.ts';
import { CheckpointReader } from '../lib/run/record/checkpoint.ts';
import type { RunConfig } from '../lib/run/record/config.ts';
import { readHead } from '../lib/run/record/head.ts';
import { averageFile } from '../lib/run/record/keys.ts';
import { readState } from '../lib/run/record/training-state.ts';
import type { DiskStore } from '../lib/store/disk.ts';
import { crc32 } from '../lib/wire/checksum.ts';
import type { CoordinatorReport, CoordinatorSettings } from './coordinator-settings.ts';
import { CoordinatorProcess } from './coordinators.ts';
import type { EmbeddedRuns } from './embedded-run.ts';
import { GARBLED } from './faulty-queues.ts';
import type { Scripts } from './scripts.ts';
import type { Tally } from './tally.ts';

/** How coordinators are started, unless a fault says otherwise. */
const SPEED = 25;
/** Where a job may take seconds, to compile or to train a classifier: it must not count as lost. */
const SPEED_OF_LONG_JOBS = 16;
const WORKERS = 2;
const MAX_ALIVE = 3;

/** What a coordinator may fail of, when it is disturbed. Anything else is a bug. */
const EXPECTED = [
  /^fault: /,
  /: fault: /,
  / is not finite/,
  /failed 5 times; the last time: /,
  /no answer for/,
];
/** A coordinator that another one got ahead of. */
const OTHERS = new Set(['LeaseLostError', 'RunBusyError', 'RunEndedError']);

/** Keeps a run going, whatever happens to its coordinators, and notes how it was done. */
export class Supervisor {
  readonly problems: string[] = [];
  /** All processes that there have been. */
  readonly pids = new Set<number>();
  readonly #store: DiskStore;
  readonly #config: RunConfig;
  readonly #chaos: string;
  readonly #scripts: Scripts;
  readonly #recoveries: Tally;
  readonly #coordinators = new Set<CoordinatorProcess>();
  #starts = 0;

  constructor({ store, disturbed, scripts }: EmbeddedRuns, chaos: string, recoveries: Tally) {
    this.#store = store;
    this.#config = disturbed;
    this.#chaos = chaos;
    this.#scripts = scripts;
    this.#recoveries = recoveries;
  }

  /** Coordinators that are alive. */
  get alive(): CoordinatorProcess[] {
    return [...this.#coordinators].filter(({ alive }) => alive);
  }

  /** The coordinator that has the lease, as far as is known. */
  get holder(): CoordinatorProcess | undefined {
    const started = this.alive.filter(({ epoch, status, failure }) => {
      return epoch !== undefined && status === undefined && failure === undefined;
    });
    return started.sort((a, b) => (b.epoch ?? 0) - (a.epoch ?? 0))[0];
  }

  get canStart(): boolean {
    return this.alive.length < MAX_ALIVE;
  }

  get starts(): number {
    return this.#starts;
  }

  /** Start another coordinator. */
  start(change: Partial<CoordinatorSettings> = {}): CoordinatorProcess {
    const { root } = this.#store;
    const settings: CoordinatorSettings = {
      store: root,
      runId: this.#config.runId,
      chaos: this.#chaos,
      worker: this.#scripts.worker,
      workers: WORKERS,
      speed: hasLongJobs(this.#config) ? SPEED_OF_LONG_JOBS : SPEED,
      wrongMs: 0,
      eager: true,
      ...change,
    };
    this.#starts++;
    const { coordinator: script } = this.#scripts;
    const coordinator = new CoordinatorProcess(script, settings, (report) => this.#count(report));
    this.pids.add(coordinator.pid);
    this.#coordinators.add(coordinator);
    void coordinator.ended.then(() => this.#judge(coordinator));
    return coordinator;
  }

  /** End whatever is left. */
  async dispose(): Promise<void> {
    const coordinators = this.alive;
    for (const each of coordinators) each.kill('SIGKILL');
    await Promise.all(coordinators.map(({ ended }) => ended));
    this.#coordinators.clear();
  }

  #count(report: CoordinatorReport): void {
    if (report.tell === 'started' && report.epoch > 1) this.#recoveries.add('runs taken up again');
    if (report.tell === 'resent') this.#recoveries.add('jobs sent again');
    if (report.tell === 'dropped') this.#recoveries.add('answers dropped');
    if (report.tell !== 'workers') return;
    const news = report.pids.filter((pid) => !this.pids.has(pid));
    for (const pid of news) this.pids.add(pid);
  }

  async #judge(coordinator: CoordinatorProcess): Promise<void> {
    const { failure, stderr, queuesLeft, dead } = coordinator;
    if (stderr.trim() !== '') this.problems.push(`a coordinator said: ${stderr.trim()}`);
    // One that could not end its run leaves its queue, by which the watchdog finds the run.
    if (queuesLeft.length > 0 && !failure) this.problems.push(`queues are left: ${queuesLeft}`);
    const letters = dead.filter((body) => !body.startsWith(GARBLED));
    if (letters.length > 0) this.problems.push(`${letters.length} jobs are dead letters`);
    this.#recoveries.add('garbled jobs put aside', dead.length - letters.length);
    if (!failure) return;
    if (OTHERS.has(failure.name)) {
      this.#recoveries.add('coordinators that gave way');
      return;
    }
    if (!EXPECTED.some((pattern) => pattern.test(failure.message))) {
      this.problems.push(`a coordinator failed: ${failure.name}: ${failure.message}`);
    }
    this.#recoveries.add('failures resumed');
    await this.#checkCheckpoint().catch((error: unknown) => {
      this.problems.push(`after "${failure.message}": ${error}`);
    });
  }

  /** The checkpoint that the head names is whole, whatever ended the coordinator. */
  async #checkCheckpoint(): Promise<void> {
    const { runId, program: reference, localIterations, emaHalfLife } = this.#config;
    const { head } = await readHead(this.#store, runId);
    if (!head.checkpoint) return;
    const checkpoint = await CheckpointReader.open(this.#store, runId, head.checkpoint);
    const program = await programsIn(this.#store).load(reference);
    const generator = networkOf(program, program.generator);
    if (emaHalfLife > 0) {
      await checkpoint.block(averageFile(generator.name), networkLayout(generator));
    }
    if (localIterations === 0) {
      await readState(checkpoint, program);
      return;
    }
    for (const network of program.networks) {
      await checkpoint.block(network.name, networkLayout(network));
    }
    for (const { key, crc32: expected } of checkpoint.lanes) {
      const { bytes } = await this.#store.get(key);
      if (crc32(bytes) !== expected) throw new Error(`${key} is damaged`);
    }
  }
}

function hasLongJobs({ preset, scoreEvery }: RunConfig): boolean {
  return preset === 'dcgan' || scoreEvery > 0;
}
