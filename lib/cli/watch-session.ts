import { LambduelError } from '../errors.ts';
import { watchRun } from '../observe/watcher.ts';
import { RunEventBus } from '../run/events.ts';
import { type CliContext, tell } from './context.ts';
import { attachDisplay } from './display.ts';
import { tellOutcome } from './outcome.ts';
import { StopRequest } from './stop-request.ts';
import type { Target } from './target.ts';

/** How a run is watched. */
export interface WatchSessionOptions {
  /** One JSON object per iteration on standard output, and no progress. */
  readonly json: boolean;
  /** The first iteration to show. Default: the last one that has been played. */
  readonly from?: number | undefined;
  /** The head at this revision says how an earlier attempt ended. */
  readonly endedBefore?: number | undefined;
}

/**
 * Show a run that is advanced elsewhere until it ends. Ctrl-C ends the watching, not the run.
 *
 * @throws LambduelError with the run's own error when it fails
 */
export async function watchSession(
  context: CliContext,
  target: Target,
  runId: string,
  { json, ...range }: WatchSessionOptions,
): Promise<void> {
  const events = new RunEventBus();
  const display = attachDisplay(context, events, json);
  const stop = new StopRequest();
  context.stdout.on('error', stop.request); // a closed pipe: nobody reads any more
  try {
    const ended = await watchRun(target.store, runId, {
      events,
      signal: stop.signal,
      ...range,
      onStatus: (status) => {
        const explanation = target.explanations[status];
        if (status === 'interrupted') display.note(`Run ${runId} is ${status}${explanation ?? ''}`);
      },
      onTrouble: ({ message }) => display.note(`${message}; trying again`),
    });
    display.close();
    if (!ended) {
      tell(context, `\nRun ${runId} goes on.`);
      tellHowToFollow(context, target, runId);
      return;
    }
    const { head } = ended;
    if (head.status === 'failed') throw failureOf(target, runId, head.error?.message);
    await tellOutcome(context, target, runId, head.status);
  } finally {
    display.close();
    context.stdout.off('error', stop.request);
    stop.close();
  }
}

/** Say how to watch a run, and how to end it. */
export function tellHowToFollow(context: CliContext, { options }: Target, runId: string): void {
  tell(context, `Watch it with: npx lambduel watch ${runId}${options}`);
  tell(context, `End it with:   npx lambduel cancel ${runId}${options}`);
}

function failureOf({ logs, options }: Target, runId: string, message = 'unknown'): LambduelError {
  const again = `try again from the last checkpoint with \`lambduel resume ${runId}${options}\`.`;
  const seeLogs = `See \`lambduel logs ${runId}${options}\`; `;
  return new LambduelError(`Run ${runId} has failed: ${message}`, {
    hint: logs ? seeLogs + again : again.replace('try', 'Try'),
  });
}
