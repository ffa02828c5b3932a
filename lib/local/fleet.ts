import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { LambduelError } from '../errors.ts';
import { serveQueues } from '../queue/ipc.ts';
import type { QueueService } from '../queue/queue.ts';
import { type Script, scriptOf } from './script.ts';
import { type WorkerSettings, workerReportSchema } from './worker-settings.ts';

const STDERR_KEPT = 2000;
const RESTART_DELAY_MS = 200;
/** The fleet gives up after this many crashes per worker without a complete iteration. */
const CRASHES_PER_WORKER = 4;
const STOP_GRACE_MS = 2000;

/** The worker processes cannot do any work. */
export class FleetError extends LambduelError {}

/**
 * Worker processes on this machine, each started again when it dies. They are processes and not
 * threads because tfjs-node fails in a second thread (tfjs issue 8388).
 */
export class WorkerFleet {
  readonly #queues: QueueService;
  readonly #settings: WorkerSettings;
  readonly #onChange: (ready: number) => void;
  readonly #script: Script;
  readonly #workers = new Set<ChildProcess>();
  readonly #ready = new Set<ChildProcess>();
  readonly #restarts = new Set<NodeJS.Timeout>();
  readonly #size: number;
  #crashes = 0;
  #lastWords = '';
  #closing = false;

  /**
   * @param onChange called with the number of workers that are ready, whenever it changes
   * @param script the workers'
   */
  constructor(
    size: number,
    queues: QueueService,
    settings: WorkerSettings,
    onChange: (ready: number) => void = () => {},
    script = scriptOf('worker-process'),
  ) {
    this.#size = size;
    this.#queues = queues;
    this.#settings = settings;
    this.#onChange = onChange;
    this.#script = script;
    for (let i = 0; i < size; i++) this.#start();
  }

  /** Ids of the processes that are alive. */
  get pids(): number[] {
    return [...this.#workers].flatMap(({ pid }) => pid ?? []);
  }

  /** An iteration is complete: start counting crashes again. */
  noteProgress(): void {
    this.#crashes = 0;
  }

  /** @throws FleetError when workers only crash */
  assertHealthy(): void {
    if (this.#crashes < CRASHES_PER_WORKER * this.#size) return;
    throw new FleetError(`The workers keep ending; the last one said: ${this.#lastWords}`, {
      hint: 'See what this machine has with `lambduel doctor`.',
    });
  }

  /** End all workers and wait until they are gone. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const timer of this.#restarts) clearTimeout(timer);
    await Promise.all([...this.#workers].map((worker) => stop(worker)));
  }

  #start(): void {
    const { path, execArgv } = this.#script;
    const worker = fork(path, [JSON.stringify(this.#settings)], {
      execArgv,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#workers.add(worker);
    let lastWords = '';
    worker.stderr?.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-STDERR_KEPT);
    });
    serveQueues(this.#queues, worker);
    worker.on('message', (raw) => {
      const report = workerReportSchema.safeParse(raw).data;
      if (report?.worker === 'ready') this.#setReady(worker, true);
      if (report?.worker === 'failed') lastWords = report.message;
    });
    worker.once('exit', (code, signal) => {
      this.#workers.delete(worker);
      this.#setReady(worker, false);
      if (this.#closing) return;
      this.#crashes++;
      this.#lastWords = lastWords.trim() || `nothing (${signal ?? `exit code ${code}`})`;
      this.#restart();
    });
  }

  #restart(): void {
    if (this.#crashes >= CRASHES_PER_WORKER * this.#size) return;
    const timer = setTimeout(
      () => {
        this.#restarts.delete(timer);
        this.#start();
      },
      RESTART_DELAY_MS * (this.#crashes - 1),
    );
    this.#restarts.add(timer);
  }

  #setReady(worker: ChildProcess, ready: boolean): void {
    if (ready) this.#ready.add(worker);
    else this.#ready.delete(worker);
    if (!this.#closing) this.#onChange(this.#ready.size);
  }
}

async function stop(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const gone = once(worker, 'exit');
  if (worker.connected) worker.disconnect();
  const timer = setTimeout(() => worker.kill('SIGKILL'), STOP_GRACE_MS);
  await gone;
  clearTimeout(timer);
}
