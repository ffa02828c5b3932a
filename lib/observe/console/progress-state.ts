import type { MetricSpec } from '../../program/metric-spec.ts';
import type { ProgramRegistry } from '../../program/registry.ts';
import type { Clock } from '../../run/clock.ts';
import type { RunEventBus } from '../../run/events.ts';
import type { RunConfig } from '../../run/record/config.ts';
import type { RunStatus } from '../../run/record/head.ts';
import { phasesOf } from '../phases.ts';
import { declaredMetrics } from '../titled-metrics.ts';
import { RateWindow } from './rate-window.ts';
import { oneLine } from './text.ts';

/** Notes that stay in sight. */
const NOTES = 3;

/** What is known about a run at one moment. Everything that is drawn follows from it. */
export interface Progress {
  /** Undefined until the run's lease is taken. */
  readonly config: RunConfig | undefined;
  readonly status: RunStatus | 'waiting';
  /** Iterations complete. */
  readonly iteration: number;
  /** The iteration at which this coordinator took the run up. */
  readonly startedAt: number;
  /** The metrics that the run's program declares. */
  readonly declared: readonly MetricSpec[];
  readonly metrics: Readonly<Record<string, number>>;
  /** Examples of all the phases' batches. */
  readonly examplesPerSecond: number | undefined;
  readonly elapsedMs: number;
  readonly remainingMs: number | undefined;
  readonly workers: number | undefined;
  /** Jobs that were sent again. */
  readonly resent: number;
  /** Iterations that are safe in the last checkpoint. */
  readonly checkpoint: number | undefined;
  readonly notes: readonly string[];
}

/** Keeps up with a run by its events. */
export class ProgressState {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #rate = new RateWindow();
  #config: RunConfig | undefined;
  #status: Progress['status'] = 'waiting';
  #iteration = 0;
  #startedAt = 0;
  #startMs: number | undefined;
  #endMs: number | undefined;
  #declared: Progress['declared'] = [];
  #metrics: Progress['metrics'] = {};
  /** Batches of an iteration. */
  #phases: number | undefined;
  #workers: number | undefined;
  #resent = 0;
  #checkpoint: number | undefined;
  #notes: readonly string[] = [];

  constructor(bus: RunEventBus, clock: Pick<Clock, 'now'>, programs: ProgramRegistry) {
    this.#clock = clock;
    bus.on('started', ({ config, iteration }) => {
      this.#config = config;
      this.#declared = declaredMetrics(programs, config);
      this.#phases = phasesOf(programs, config);
      this.#status = 'running';
      this.#iteration = iteration;
      this.#startedAt = iteration;
      this.#startMs = clock.now();
      this.#endMs = undefined;
      this.#rate.restart(clock.now());
    });
    bus.on('iteration', ({ iteration, metrics }) => {
      this.#iteration = iteration + 1;
      this.#metrics = metrics;
      this.#rate.add(clock.now());
    });
    bus.on('checkpoint', ({ iteration }) => {
      this.#checkpoint = iteration;
    });
    bus.on('resent', () => {
      this.#resent++;
    });
    bus.on('ended', ({ status }) => {
      this.#status = status;
      this.#endMs = clock.now();
    });
  }

  setWorkers(workers: number): void {
    this.#workers = workers;
  }

  /** @returns the note as it is kept: on one line */
  note(text: string): string {
    const note = oneLine(text);
    this.#notes = [...this.#notes, note].slice(-NOTES);
    return note;
  }

  get current(): Progress {
    const { iterationMs } = this.#rate;
    const batch = this.#config?.batch ?? 0;
    const remaining = (this.#config?.iterations ?? 0) - this.#iteration;
    const now = this.#endMs ?? this.#clock.now();
    return {
      config: this.#config,
      status: this.#status,
      iteration: this.#iteration,
      startedAt: this.#startedAt,
      declared: this.#declared,
      metrics: this.#metrics,
      examplesPerSecond: iterationMs && this.#phases && (batch * this.#phases * 1000) / iterationMs,
      elapsedMs: now - (this.#startMs ?? now),
      remainingMs: iterationMs && remaining * iterationMs,
      workers: this.#workers,
      resent: this.#resent,
      checkpoint: this.#checkpoint,
      notes: this.#notes,
    };
  }
}
