import { FunctionFailedError, invokeFunction } from '../aws/functions.ts';
import { noResidents } from '../cloud/check-fleet.ts';
import { splitHint } from '../cloud/refusal.ts';
import { type Trigger, type TriggerAnswer, triggerAnswerSchema } from '../cloud/trigger.ts';
import { LambduelError, UsageError } from '../errors.ts';
import { RunBusyError } from '../run/coordinator/lease.ts';
import { readConfig } from '../run/record/runs.ts';
import type { FleetSettings } from '../run/record/settings.ts';
import { summarizeResumable } from '../run/record/start.ts';
import type { LambduelStack } from './aws-stack.ts';
import { type CliContext, printLine, tell } from './context.ts';
import { describeRun } from './describe-run.ts';
import type { SessionRequest, Target } from './target.ts';
import type { CliSettings, StartSettings } from './train-settings.ts';
import { tellHowToFollow, watchSession } from './watch-session.ts';

/** What is needed of a stack to train on it. */
type StackTarget = Target & { readonly stack: LambduelStack };

/** Start a run on AWS and, unless detached, watch it to its end. */
export async function trainOnAws(
  context: CliContext,
  target: StackTarget,
  settings: StartSettings,
  { runId, json, detach }: SessionRequest,
): Promise<void> {
  const { backend: _backend, ...runSettings } = settings;
  requireFleet(target, settings);
  // The id is chosen here, so that there is one run even if the request is sent twice.
  const answer = await ask(target, { action: 'train', ...runSettings, runId });
  tell(context, describeRun(await readConfig(target.store, answer.runId)));
  await follow(context, target, answer, { json, detach, from: 0 });
}

/** Continue a run on AWS and, unless detached, watch it to its end. */
export async function resumeOnAws(
  context: CliContext,
  target: StackTarget,
  settings: CliSettings,
  { runId, json, detach }: SessionRequest,
): Promise<void> {
  requireFleet(target, settings);
  const { config, head, status } = await summarizeResumable(target.store, runId);
  if (status === 'running') throw new RunBusyError(runId, head.lease?.owner ?? 'another');
  const { maxMinutes, maxCost, fleet, workers } = settings;
  const change = { maxMinutes, maxCost, ...(fleet && { fleet }), ...(workers && { workers }) };
  const answer = await ask(target, { action: 'resume', runId, ...change });
  const from = head.checkpoint?.iteration ?? 0;
  tell(context, `Run ${runId}: continuing from iteration ${from} of ${config.iterations}`);
  await follow(context, target, answer, { json, detach, from, endedBefore: head.revision });
}

/** @throws UsageError when a stack of an earlier version is asked for resident workers */
function requireFleet({ name, stack }: StackTarget, { fleet }: FleetSettings): void {
  if (fleet !== 'resident' || stack.outputs.ResidentWorkerFunctionName !== undefined) return;
  throw noResidents(name);
}

interface FollowOptions {
  readonly json: boolean;
  readonly detach: boolean;
  readonly from: number;
  readonly endedBefore?: number;
}

async function follow(
  context: CliContext,
  target: StackTarget,
  answer: TriggerAnswer,
  { json, detach, from, endedBefore }: FollowOptions,
): Promise<void> {
  const { runId } = answer;
  if (!detach) {
    tell(context, `It runs on ${target.name}; Ctrl-C ends this command, not the run.`);
    await watchSession(context, target, runId, { json, from, endedBefore });
    return;
  }
  printLine(context, json ? JSON.stringify(answer) : runId);
  tellHowToFollow(context, target, runId);
}

async function ask(target: StackTarget, trigger: Trigger): Promise<TriggerAnswer> {
  const name = target.stack.outputs.CoordinatorFunctionName;
  const answer = await invokeFunction(name, trigger).catch((error: unknown) => {
    throw refusalOf(error) ?? error;
  });
  const result = triggerAnswerSchema.safeParse(answer);
  if (result.success) return result.data;
  throw new LambduelError(
    `The function ${name} answers in a form that this version does not know`,
    {
      hint: 'Deploy the stack again with `npx cdk deploy`, or use the version that deployed it.',
      cause: result.error,
    },
  );
}

/** The coordinator's own errors, shown as if they were raised here. */
function refusalOf(error: unknown): LambduelError | undefined {
  if (!(error instanceof FunctionFailedError)) return undefined;
  const { errorType, errorMessage } = error;
  const { message, hint } = splitHint(errorMessage);
  const details = { cause: error, ...(hint === undefined ? {} : { hint }) };
  if (errorType === 'UsageError') return new UsageError(message, details);
  const known = [
    'LambduelError',
    'InvalidDataError',
    'ProgramError',
    'RunNotFoundError',
    'RunEndedError',
    'RunBusyError',
  ];
  return known.includes(errorType) ? new LambduelError(message, details) : undefined;
}
