import type { Construct } from 'constructs';
import { classifierKeyPattern, datasetKeyPattern } from '../lib/data/dataset-meta.ts';
import { keyPatterns } from '../lib/run/record/keys.ts';
import { TrainerFunction, type TrainerFunctionProps } from './trainer-function.ts';
import type { TrainerResources } from './trainer-resources.ts';

/** What differs between functions that do jobs. The rest is the stack's `WorkerRuntime`. */
export type WorkerFunctionProps = Pick<
  TrainerFunctionProps,
  'description' | 'timeout' | 'retryAttempts' | 'recursiveLoop' | 'maxEventAge'
> & {
  /** The module of the workers' code that has its handler. Default: `index`. */
  readonly module?: string;
};

/** A function that does jobs, with the rights that a job needs. Where jobs come from is added. */
export class WorkerFunction extends TrainerFunction {
  constructor(
    scope: Construct,
    id: string,
    { settings, bucket, replies, worker }: TrainerResources,
    { module = 'index', ...props }: WorkerFunctionProps,
  ) {
    const { plan, runs, ...runtime } = worker;
    const description = `${props.description} (${plan.backend})`;
    super(scope, id, { ...runtime, ...runs(module), ...props, description });
    bucket.permit(this.role, ['s3:GetObject'], [keyPatterns.weights, datasetKeyPattern]);
    // Reading is needed too: a repeated request compares its bytes with the existing object.
    bucket.permit(
      this.role,
      ['s3:GetObject', 's3:PutObject', 's3:PutObjectTagging'],
      [keyPatterns.gradients],
    );
    bucket.permit(this.role, ['s3:GetObject', 's3:PutObject'], [keyPatterns.lanes]);
    bucket.permit(this.role, ['s3:PutObject'], [classifierKeyPattern]);
    bucket.permitList(this.role, [keyPatterns.all, datasetKeyPattern]);
    if (settings.ownPrograms) bucket.permitPrograms(this.role);
    replies.permitSend(this.role);
  }
}
