import { checkExampleShape, resolveDataset } from '../../data/resolve.ts';
import { UsageError } from '../../errors.ts';
import { builtInPrograms } from '../../program/built-in.ts';
import type { Program } from '../../program/program.ts';
import { ObjectExistsError, type Store } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import { checkSettings } from './check-settings.ts';
import type { RunConfig } from './config.ts';
import { assertNotEnded } from './head.ts';
import { changeLimits, createRun, type RunSummary, summarize } from './runs.ts';
import {
  datasetName,
  type LimitSettings,
  limitsOf,
  newLimits,
  programReference,
  type ResolvedParts,
  resolveConfig,
  type TrainSettings,
} from './settings.ts';

/**
 * Start a run: check all of its settings, then write its config and head. Nobody advances it yet.
 *
 * @param parts what the place where it runs decides
 * @param check throws if the place cannot run it
 * @throws what is wrong with the settings, before anything is written; UsageError when a run of this
 *   id exists
 */
export async function startRun(
  store: Store,
  settings: TrainSettings,
  parts: Pick<ResolvedParts, 'runId' | 'backend' | 'defaultWire' | 'defaultShards'>,
  clock: Clock,
  check: (config: RunConfig, program: Program) => void = () => {},
): Promise<RunConfig> {
  checkSettings(settings, parts);
  const { reference: dataset, form } = await resolveDataset(store, datasetName(settings));
  const programs = builtInPrograms();
  const program = programs.adapt(programReference(settings), form);
  const created = programs.create(program);
  checkExampleShape(form, created.exampleShape);
  const config = resolveConfig(settings, { ...parts, createdAt: clock.date(), dataset, program });
  check(config, created);
  await createRun(store, config, clock, limitsOf(settings)).catch((cause: unknown) => {
    if (!(cause instanceof ObjectExistsError)) throw cause;
    const { runId } = config;
    throw new UsageError(`There is a run ${runId} already`, {
      cause,
      hint: `Continue it with \`lambduel resume ${runId}\`, or choose another run id.`,
    });
  });
  return config;
}

/**
 * Give a run the limits that it continues with.
 *
 * @param check throws if anything else is wrong, before anything is changed
 * @returns the run as it was
 * @throws RunNotFoundError, or RunEndedError when there is nothing to continue
 */
export async function prepareResumption(
  store: Store,
  runId: string,
  limits: LimitSettings,
  clock: Clock,
  check: (run: RunSummary) => void = () => {},
): Promise<RunSummary> {
  const run = await summarizeResumable(store, runId);
  check(run);
  await changeLimits(store, runId, newLimits(limits), clock);
  return run;
}

/** A run that can continue. @throws RunNotFoundError, or RunEndedError */
export async function summarizeResumable(store: Store, runId: string): Promise<RunSummary> {
  const run = await summarize(store, runId);
  assertNotEnded(run.head);
  return run;
}
