import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

import type { CoordinatorReport, CoordinatorSettings, Hold } from './coordinator-settings.ts';

const STDERR_KEPT = 4000;

/** A coordinator process, as the harness sees it. */
export class CoordinatorProcess {
  /** Its epoch, once it has the lease. */
  epoch: number | undefined;
  iteration = 0;
  workers: readonly number[] = [];
  status: string | undefined;
  failure: { readonly name: string; readonly message: string } | undefined;
  queuesLeft: readonly string[] = [];
  dead: readonly string[] = [];
  stderr = '';
  readonly ended: Promise<unknown>;
  readonly #child: ChildProcess;

  constructor(
    script: string,
    settings: CoordinatorSettings,
    onReport: (report: CoordinatorReport) => void,
  ) {
    this.#child = fork(script, [JSON.stringify(settings)], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-STDERR_KEPT);
    });
    this.#child.on('message', (raw) => {
      const report = raw as CoordinatorReport;
      this.#note(report);
      onReport(report);
    });
    this.ended = once(this.#child, 'close');
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Have it wait at each iteration, or not. */
  hold(hold: boolean): void {
    if (this.#child.connected) this.#child.send({ hold } satisfies Hold, () => {});
  }

  #note(report: CoordinatorReport): void {
    if (report.tell === 'started') this.epoch = report.epoch;
    if (report.tell === 'started' || report.tell === 'iteration') this.iteration = report.iteration;
    if (report.tell === 'workers') this.workers = report.pids;
    if (report.tell === 'ended') this.status = report.status;
    if (report.tell === 'failed') this.failure = report;
    if (report.tell === 'closed') {
      this.queuesLeft = report.queues;
      this.dead = report.dead;
    }
  }
}
