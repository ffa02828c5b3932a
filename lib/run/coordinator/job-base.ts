import { type GradientJob, type Job, MESSAGE_FORMAT } from '../../wire/messages.ts';
import type { JobOrigin } from './aggregation.ts';

type JobBase = Pick<Job, 'format' | 'runId' | 'epoch' | 'attempt' | 'seed' | 'program' | 'replyTo'>;

/** What all jobs of one coordinator say, when they are sent for the first time. */
export function jobBase({ config, epoch, replyTo }: Omit<JobOrigin, 'program'>): JobBase {
  const { runId, seed, program } = config;
  return { format: MESSAGE_FORMAT, runId, epoch, attempt: 1, seed, program, replyTo };
}

/** How a job that trains is to change images and its answer: only what it is to do is said. */
export function changesOf({
  config: { augment, wire },
  compress = false,
}: JobOrigin): Pick<GradientJob, 'augment' | 'compress'> {
  return {
    ...(augment.length > 0 ? { augment } : {}),
    ...(compress && wire !== 'f32' ? { compress } : {}),
  };
}
