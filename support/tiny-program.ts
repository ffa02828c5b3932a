import { z } from 'zod';
import { networkLayout, networkOf } from '../lib/program/network.ts';
import type { Program } from '../lib/program/program.ts';
import { ProgramRegistry } from '../lib/program/registry.ts';
import type { Queue, QueueService } from '../lib/queue/queue.ts';
import { crc32 } from '../lib/wire/checksum.ts';
import { encodeGradient } from '../lib/wire/gradient.ts';
import { type Job, MESSAGE_FORMAT, parseJob, roundOf } from '../lib/wire/messages.ts';

/** A program of one network of two parameters and one phase: what a coordinator needs, no more. */
const program: Program = {
  networks: [
    { name: 'N', tensors: [{ name: 'w', shape: [2], initial: { kind: 'normal', deviation: 1 } }] },
  ],
  phases: [
    {
      name: 'N',
      network: 'N',
      needsReal: false,
      lossMetric: { name: 'cost', title: 'cost', reduction: 'mean' },
      statistics: [],
      loss: () => {
        throw new Error('The tiny program is not computed');
      },
    },
  ],
  latent: 1,
  exampleShape: [1, 1, 1],
  generator: 'N',
  generate: () => {
    throw new Error('The tiny program is not computed');
  },
};

/** Programs for a coordinator's tests: `{ name: 'tiny', settings: {} }`. */
export function tinyPrograms(): ProgramRegistry {
  return new ProgramRegistry().register({
    name: 'tiny',
    settings: z.strictObject({}),
    create: () => program,
  });
}

/** Answers jobs of the tiny program, each gradient all ones, until the queue of jobs is removed. */
export async function answerJobs(queues: QueueService, jobs: Queue): Promise<void> {
  while ((await queues.list(jobs.name)).length > 0) {
    for (const { body, receipt } of await jobs.receive({ max: 1, waitMs: 1000 })) {
      const job = parseJob(body);
      const bytes = answerTo(job);
      const { runId, epoch } = job;
      const reply = {
        format: MESSAGE_FORMAT,
        runId,
        epoch,
        ...roundOf(job),
        kind: 'success',
        statistics: { cost: 1 },
        timing: { loadMs: 0, computeMs: 0, encodeMs: 0 },
        data: { bytes: bytes.length, crc32: crc32(bytes) },
      };
      await queues.open(job.replyTo).send([{ body: JSON.stringify(reply), payload: bytes }]);
      await jobs.acknowledge([receipt]);
    }
  }
}

function answerTo(job: Job): Uint8Array {
  if (job.kind === 'sample') return new Uint8Array(job.examples);
  if (job.kind !== 'gradient' && job.kind !== 'local') return new Uint8Array();
  const address = { seed: 0, step: 0, shard: 0 };
  const layout = networkLayout(networkOf(program, 'N'));
  return encodeGradient(layout, new Float32Array(layout.size).fill(1), job.wire, address);
}
