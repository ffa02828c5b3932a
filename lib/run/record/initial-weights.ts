import { z } from 'zod';
import { InvalidDataError, messageOf, UsageError } from '../../errors.ts';
import { networkLayout } from '../../program/network.ts';
import type { Program } from '../../program/program.ts';
import { ObjectNotFoundError, type Store } from '../../store/store.ts';
import { sha256 } from '../../wire/checksum.ts';
import { decodeParameters } from '../../wire/parameters.ts';
import { runIdSchema } from '../../wire/run-id.ts';
import { runKeys } from './keys.ts';

const MAX_SOURCE = 300;

/** A run's first weights where they are not the seed's: objects of the run, by network and hash. */
export const initialWeightsSchema = z.strictObject({
  /** Where they came from, for people. Nothing is read from there any more. */
  source: z.string().max(MAX_SOURCE),
  /** The SHA-256 of each network's object. Networks that are not named begin from the seed. */
  networks: z.record(z.string().regex(/^[\w-]{1,64}$/), z.string().regex(/^[0-9a-f]{64}$/)),
});

/** See {@link initialWeightsSchema}. */
export type InitialWeights = z.infer<typeof initialWeightsSchema>;

/** What a new run may begin with: a run of the same store, or objects that the new run has already. */
export const initFromSchema = z.union([runIdSchema, initialWeightsSchema], {
  error: "must be a run's id, or the weights of files",
});

/** See {@link initFromSchema}. */
export type InitFrom = z.infer<typeof initFromSchema>;

/** Weights before they belong to a run: each network's safetensors file. */
export interface WeightFiles {
  readonly source: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The parameters of networks that do not begin from the seed. */
export type InitialParameters = ReadonlyMap<string, Float32Array>;

/**
 * Whether each file holds exactly its network's tensors.
 *
 * @throws UsageError that names the network, the tensor, and both shapes
 */
export function checkWeightFiles({ source, files }: WeightFiles, program: Program): void {
  for (const [name, bytes] of files) parametersOf(program, name, bytes, source);
}

/** How a run's config names these weights. */
export function describeWeights({ source, files }: WeightFiles): InitialWeights {
  return {
    source: source.slice(0, MAX_SOURCE),
    networks: Object.fromEntries([...files].map(([name, bytes]) => [name, sha256(bytes)])),
  };
}

/** The same as objects of a run, by their keys. */
export function objectsOf(runId: string, { files }: WeightFiles): ReadonlyMap<string, Uint8Array> {
  return new Map(
    [...files].map(([name, bytes]) => [runKeys.initial(runId, name, sha256(bytes)), bytes]),
  );
}

/** Weights that are objects of the run already. @throws InvalidDataError when one is damaged or not there */
export async function readInitialFiles(
  store: Pick<Store, 'get'>,
  runId: string,
  { source, networks }: InitialWeights,
): Promise<WeightFiles> {
  const files = new Map<string, Uint8Array>();
  for (const [name, hash] of Object.entries(networks)) {
    const key = runKeys.initial(runId, name, hash);
    const { bytes } = await store.get(key).catch((cause: unknown) => {
      if (!(cause instanceof ObjectNotFoundError)) throw cause;
      throw new InvalidDataError(`The run's initial weights ${key} are not there`, { cause });
    });
    if (sha256(bytes) !== hash) {
      throw new InvalidDataError(`${key} is damaged: its bytes have another hash`, {
        hint: 'Restore it from a copy, or start a new run.',
      });
    }
    files.set(name, bytes);
  }
  return { source, files };
}

/** The parameters that a run begins with, where they are not the seed's. */
export async function readInitialParameters(
  store: Pick<Store, 'get'>,
  runId: string,
  initial: InitialWeights | undefined,
  program: Program,
): Promise<InitialParameters> {
  if (!initial) return new Map();
  const { source, files } = await readInitialFiles(store, runId, initial);
  return new Map(
    [...files].map(([name, bytes]) => [name, parametersOf(program, name, bytes, source)]),
  );
}

function parametersOf(program: Program, name: string, bytes: Uint8Array, source: string) {
  const network = program.networks.find((candidate) => candidate.name === name);
  if (!network) {
    const names = program.networks.map((candidate) => candidate.name).join(', ');
    throw new UsageError(`${source} has weights of a network ${name}, and the program has none`, {
      hint: `The program's networks are ${names}.`,
    });
  }
  try {
    return decodeParameters(networkLayout(network), bytes, `network ${name} of ${source}`);
  } catch (cause) {
    if (!(cause instanceof InvalidDataError)) throw cause;
    throw new UsageError(`The weights do not fit the new run: ${messageOf(cause)}`, {
      cause,
      hint: 'Give the new run the program and settings of the one that the weights are from.',
    });
  }
}
