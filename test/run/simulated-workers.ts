import type { Delivery, Message, Queue } from '../../lib/queue/queue.ts';
import { crc32 } from '../../lib/wire/checksum.ts';
import { type Job, parseJob, roundOf } from '../../lib/wire/messages.ts';
import type { FakeClock } from '../../support/fixtures.ts';

interface Answer {
  readonly dueAt: number;
  readonly delivery: Delivery;
}

/** Both queues of a coordinator, with workers behind them that take as long as a test says. */
export class SimulatedWorkers {
  /** All jobs that have been sent, copies included. */
  readonly sent: Job[] = [];
  readonly jobs: Queue;
  readonly replies: Queue;
  readonly #clock: FakeClock;
  readonly #latency: (job: Job) => number;
  #answers: Answer[] = [];

  /** @param latency milliseconds until a job's answer comes; infinite: never */
  constructor(clock: FakeClock, latency: (job: Job) => number) {
    this.#clock = clock;
    this.#latency = latency;
    const common = { acknowledge: async () => {}, extend: async () => {} };
    this.jobs = { ...common, name: 'jobs', send: (m) => this.#send(m), receive: async () => [] };
    this.replies = {
      ...common,
      name: 'replies',
      send: async () => {},
      receive: ({ waitMs }) => this.#receive(waitMs),
    };
  }

  async #send(messages: readonly Message[]): Promise<void> {
    for (const { body } of messages) {
      const job = parseJob(body);
      this.sent.push(job);
      const dueAt = this.#clock.now() + this.#latency(job);
      if (Number.isFinite(dueAt)) this.#answers.push({ dueAt, delivery: answerTo(job) });
    }
  }

  /** Time passes until the next answer, or until the end of the wait. */
  async #receive(waitMs: number): Promise<Delivery[]> {
    const until = this.#clock.now() + waitMs;
    const next = Math.min(until, ...this.#answers.map(({ dueAt }) => dueAt));
    this.#clock.advance(Math.max(0, next - this.#clock.now()));
    const due = this.#answers.filter(({ dueAt }) => dueAt <= this.#clock.now());
    this.#answers = this.#answers.filter((answer) => !due.includes(answer));
    return due.map(({ delivery }) => delivery);
  }
}

function answerTo(job: Job): Delivery {
  const { format, runId, epoch } = job;
  const payload = Uint8Array.of(1);
  const data = { bytes: payload.length, crc32: crc32(payload) };
  const timing = { loadMs: 0, computeMs: 0, encodeMs: 0 };
  const reply = { kind: 'success', statistics: {}, timing, data, ...roundOf(job) };
  const body = JSON.stringify({ format, runId, epoch, ...reply });
  return { body, payload, receipt: body, attempt: 1 };
}
