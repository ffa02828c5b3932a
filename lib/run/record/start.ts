import { checkExampleShape, resolveDataset } from '../../data/resolve.ts';
import { UsageError } from '../../errors.ts';
import { builtInPrograms } from '../../program/built-in.ts';
import { ObjectExistsError, type Store } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import { checkSettings } from './check-settings.ts';
import type { RunConfig } from './config.ts';
import { assertNotEnded, DEFAULT_FLEET, type RunFleet } from './head.ts';
import { changeFleet, changeLimits, createRun, type RunSummary, summarize } from './runs.ts';
import {
  datasetName,
  type FleetSettings,
  type LimitSettings,
  limitsOf,
  newFleet,
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
 * @param terms who is to do its jobs, and what else has to hold
 * @throws what is wrong with the settings, before anything is written; UsageError when a run of this
 *   id exists
 */
export async function startRun(
  store: Store,
  settings: TrainSettings,
  parts: Pick<ResolvedParts, 'runId' | 'backend' | 'defaultWire' | 'defaultShards'>,
  clock: Clock,
  terms: StartTerms = {},
): Promise<RunConfig> {
  checkSettings(settings, parts);
  const { reference: dataset, form } = await resolveDataset(store, datasetName(settings));
  const programs = builtInPrograms();
  const program = programs.adapt(programReference(settings), form);
  checkExampleShape(form, programs.create(program).exampleShape);
  const config = resolveConfig(settings, { ...parts, createdAt: clock.date(), dataset, program });
  terms.check?.(config);
  const fleet = { ...DEFAULT_FLEET, ...terms.fleet };
  await createRun(store, config, clock, limitsOf(settings), fleet).catch((cause: unknown) => {
    if (!(cause instanceof ObjectExistsError)) throw cause;
    const { runId } = config;
    throw new UsageError(`There is a run ${runId} already`, {
      cause,
      hint: `Continue it with \`lambduel resume ${runId}\`, or choose another run id.`,
    });
  });
  return config;
}

/** What a run is started with beside its settings. */
export interface StartTerms {
  readonly fleet?: Partial<RunFleet>;
  /** Throws if anything else is wrong, before anything is written. */
  readonly check?: (config: RunConfig) => void;
}

/**
 * Give a run the limits and the fleet that it continues with.
 *
 * @param check throws if anything else is wrong, before anything is changed
 * @returns the run as it was
 * @throws RunNotFoundError, or RunEndedError when there is nothing to continue
 */
export async function prepareResumption(
  store: Store,
  runId: string,
  settings: LimitSettings & FleetSettings,
  clock: Clock,
  check: (run: RunSummary) => void = () => {},
): Promise<RunSummary> {
  const run = await summarizeResumable(store, runId);
  check(run);
  await changeLimits(store, runId, newLimits(settings), clock);
  await changeFleet(store, runId, newFleet(settings), clock);
  return run;
}

/** A run that can continue. @throws RunNotFoundError, or RunEndedError */
export async function summarizeResumable(store: Store, runId: string): Promise<RunSummary> {
  const run = await summarize(store, runId);
  assertNotEnded(run.head);
  return run;
}
