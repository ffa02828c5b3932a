import { type GradientJob, type Job, MESSAGE_FORMAT } from '../../wire/messages.ts';
import type { RunConfig } from '../record/config.ts';
import type { JobOrigin } from './aggregation.ts';

type JobBase = Pick<Job, 'format' | 'runId' | 'epoch' | 'attempt' | 'seed' | 'program' | 'replyTo'>;

/** What all jobs of one coordinator say, when they are sent for the first time. */
export function jobBase({ config, epoch, replyTo }: Omit<JobOrigin, 'program'>): JobBase {
  const { runId, seed, program } = config;
  return { format: MESSAGE_FORMAT, runId, epoch, attempt: 1, seed, program, replyTo };
}

/** How a job that trains is to augment images: nothing is said where it is not to. */
export function augmentOf({ augment }: RunConfig): Pick<GradientJob, 'augment'> {
  return augment.length > 0 ? { augment } : {};
}
