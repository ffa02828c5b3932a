import { basename } from 'node:path';
import { resolveDataset } from '../data/resolve.ts';
import { UsageError } from '../errors.ts';
import type { Program } from '../program/program.ts';
import {
  checkWeightFiles,
  describeWeights,
  type InitFrom,
  objectsOf,
  type WeightFiles,
} from '../run/record/initial-weights.ts';
import { runKeys } from '../run/record/keys.ts';
import { resolveProgram } from '../run/record/run-program.ts';
import { datasetName } from '../run/record/settings.ts';
import { runExists } from '../run/record/start.ts';
import { createUnlessThere } from '../store/create-unless-there.ts';
import type { Store } from '../store/store.ts';
import { decodeGenerator } from '../wire/generator-file.ts';
import { decodeTensors, encodeTensors, type RawTensor } from '../wire/safetensors.ts';
import type { ChosenProgram } from './choose-program.ts';
import { type CliContext, tell } from './context.ts';
import { isGeneratorFile } from './read-generator.ts';
import { readGivenFile } from './read-given-file.ts';
import { requireRunId } from './run-id.ts';

/** What a new run begins with, checked but not stored yet. */
export interface ChosenWeights {
  /** Store the weights of files as objects of the new run. @returns the setting that names them */
  store(): Promise<{ readonly initFrom?: InitFrom }>;
}

/**
 * The weights that `--init-from` names: a run of the same store, which whoever starts the new run
 * reads, or files of this machine.
 *
 * @param runId the new run's
 * @throws what is wrong with them, before anything is written
 */
export async function chooseInitialWeights(
  context: CliContext,
  store: Store,
  runId: string,
  given: string | readonly string[] | undefined,
  { settings, programs }: Pick<ChosenProgram, 'settings' | 'programs'>,
): Promise<ChosenWeights> {
  const sources = [given ?? []].flat();
  const [source] = sources;
  if (source === undefined) return { store: async () => ({}) };
  if (!sources.every(isGeneratorFile)) {
    if (sources.length > 1) {
      throw new UsageError('--init-from takes one run, or files that end in .safetensors', {
        hint: 'Name one run, or only files.',
      });
    }
    requireRunId(source);
    return { store: async () => ({ initFrom: source }) };
  }
  const weights = await readWeightFiles(sources);
  const { form } = await resolveDataset(store, datasetName(settings));
  const { program } = await resolveProgram(programs, settings, form);
  checkWeightFiles(weights, program);
  if ((await store.list(runKeys.config(runId))).length > 0) throw runExists(runId);
  tellOthers(context, weights, program);
  return {
    store: async () => {
      for (const [key, bytes] of objectsOf(runId, weights)) {
        await createUnlessThere(store, key, bytes);
      }
      return { initFrom: describeWeights(weights) };
    },
  };
}

/** Networks by the beginning of their tensors' names, such as `G` of `G.w1`. */
async function readWeightFiles(paths: readonly string[]): Promise<WeightFiles> {
  const files = new Map<string, Uint8Array>();
  for (const path of paths) {
    for (const [name, tensors] of byNetwork(await readTensors(path))) {
      if (files.has(name)) {
        throw new UsageError(`${path} has weights of network ${name}, as a file before it has`, {
          hint: 'Leave one of the two files out.',
        });
      }
      files.set(name, encodeTensors({ tensors, metadata: {} }));
    }
  }
  return { source: paths.map((path) => basename(path)).join(', '), files };
}

/** The tensors of networks in a file. Of a generator file neither statistics nor code are taken. */
async function readTensors(path: string): Promise<readonly RawTensor[]> {
  const bytes = await readGivenFile(path);
  const { tensors } = decodeGenerator(bytes, path) ?? decodeTensors(bytes, path);
  if (tensors.length > 0) return tensors;
  throw new UsageError(`${path} has no weights`);
}

function byNetwork(tensors: readonly RawTensor[]): ReadonlyMap<string, RawTensor[]> {
  const networks = new Map<string, RawTensor[]>();
  for (const tensor of tensors) {
    const name = tensor.name.split('.', 1)[0] as string;
    networks.set(name, [...(networks.get(name) ?? []), tensor]);
  }
  return networks;
}

function tellOthers(context: CliContext, { source, files }: WeightFiles, program: Program): void {
  const others = program.networks.filter(({ name }) => !files.has(name)).map(({ name }) => name);
  if (others.length === 0) return;
  const taken = [...files.keys()].join(' and ');
  tell(
    context,
    `Only ${taken} ${files.size === 1 ? 'is' : 'are'} taken from ${source}, which has no other network: ${others.join(' and ')} begin${others.length === 1 ? 's' : ''} from the seed`,
  );
}
