import { checkClasses, checkExampleShape, resolveDataset } from '../../data/resolve.ts';
import { UsageError } from '../../errors.ts';
import type { Program } from '../../program/program.ts';
import { ObjectExistsError, type Store } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import { type ProgramLibrary, programsIn } from '../programs/program-library.ts';
import { checkAugment } from './augment.ts';
import { checkSettings } from './check-settings.ts';
import type { RunConfig } from './config.ts';
import { assertNotEnded, DEFAULT_FLEET, type RunFleet } from './head.ts';
import {
  checkWeightFiles,
  describeWeights,
  type InitFrom,
  objectsOf,
  readInitialFiles,
  type WeightFiles,
} from './initial-weights.ts';
import { resolveProgram } from './run-program.ts';
import { readRunWeights } from './run-weights.ts';
import { changeFleet, changeLimits, createRun, type RunSummary, summarize } from './runs.ts';
import {
  datasetName,
  type FleetSettings,
  type LimitSettings,
  limitsOf,
  newFleet,
  newLimits,
  type ResolvedParts,
  resolveConfig,
  type TrainSettings,
} from './settings.ts';
import { checkShards } from './shard-groups.ts';

/** What the place of a new run adds. */
export interface StartPlace {
  /** Where its program is. Default: built in, or in the store. */
  readonly programs?: ProgramLibrary;
  /** Who does its jobs. Default: functions that jobs start. */
  readonly fleet?: RunFleet;
  /** Throws if the place cannot run it. */
  readonly check?: (config: RunConfig, program: Program) => void;
}

/**
 * Start a run: check all of its settings, then write its config and head. Nobody advances it yet.
 *
 * @param parts what the place where it runs decides
 * @throws what is wrong with the settings, before anything is written; UsageError when a run of this
 *   id exists
 */
export async function startRun(
  store: Store,
  settings: TrainSettings,
  parts: Pick<ResolvedParts, 'runId' | 'backend' | 'defaultWire' | 'defaultShards'>,
  clock: Clock,
  { programs = programsIn(store), check = () => {}, fleet = DEFAULT_FLEET }: StartPlace = {},
): Promise<RunConfig> {
  await checkSettings(settings, programs, parts);
  const { reference: dataset, form } = await resolveDataset(store, datasetName(settings));
  const { program, parts: own } = await resolveProgram(programs, settings, form);
  checkExampleShape(form, program.exampleShape);
  checkClasses(form, program.wantsLabels);
  const initial = await initialFiles(store, parts.runId, settings.initFrom, program);
  const resolved = {
    ...parts,
    ...own,
    createdAt: clock.date(),
    dataset,
    ...(initial && { initial: describeWeights(initial) }),
  };
  const config = resolveConfig(settings, resolved);
  checkShards(program, config);
  checkAugment(program, config);
  check(config, program);
  const objects = initial ? objectsOf(config.runId, initial) : new Map();
  const limits = limitsOf(settings);
  await createRun(store, config, clock, limits, fleet, objects).catch((cause: unknown) => {
    throw cause instanceof ObjectExistsError ? runExists(config.runId, cause) : cause;
  });
  return config;
}

/** The id of a new run is taken. */
export function runExists(runId: string, cause?: unknown): UsageError {
  return new UsageError(`There is a run ${runId} already`, {
    cause,
    hint: `Continue it with \`lambduel resume ${runId}\`, or choose another run id.`,
  });
}

/** The weights that a new run begins with, read and checked. */
async function initialFiles(
  store: Store,
  runId: string,
  from: InitFrom | undefined,
  program: Program,
): Promise<WeightFiles | undefined> {
  if (from === undefined) return undefined;
  const files = await (typeof from === 'string'
    ? readRunWeights(store, from, program)
    : readInitialFiles(store, runId, from));
  checkWeightFiles(files, program);
  return files;
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
