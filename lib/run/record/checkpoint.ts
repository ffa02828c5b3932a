import { z } from 'zod';
import { InvalidDataError, messageOf } from '../../errors.ts';
import { layOut, type ParameterLayout, tensorView } from '../../numeric/parameter-block.ts';
import { networkLayout } from '../../program/network.ts';
import type { Program } from '../../program/program.ts';
import { ObjectNotFoundError, type Store } from '../../store/store.ts';
import { sha256 } from '../../wire/checksum.ts';
import { jsonBytes, parseJsonObject } from '../../wire/json-object.ts';
import { decodeParameters, encodeParameters } from '../../wire/parameters.ts';
import { checkpointKeys, momentsFile, runKeys } from './keys.ts';
import type { TrainingState } from './training-state.ts';

const count = z.number().int().nonnegative();

const metaSchema = z.strictObject({
  format: z.literal(1),
  /** Iterations complete. */
  iteration: count,
  epoch: count,
  /** Updates that each network has had: Adam's t. */
  updates: z.record(z.string(), count),
  /** Every file of the checkpoint, by its name without the ending. */
  files: z.record(z.string(), z.strictObject({ bytes: count, sha256: z.string() })),
});

/** A checkpoint's place: its iteration and the epoch that wrote it. */
export interface CheckpointReference {
  readonly iteration: number;
  readonly epoch: number;
}

/** A checkpoint is not there as a whole, or is damaged. */
export class CheckpointError extends InvalidDataError {
  constructor(what: string, cause?: unknown) {
    super(what, {
      cause,
      hint: 'The run cannot go on from it. Restore the file from a copy, or start a new run.',
    });
  }
}

/**
 * Write a checkpoint: for each network its weights and Adam's moments, then the description that
 * makes it whole. It counts only once the run's head names it.
 *
 * @returns the prefix of its keys
 */
export async function writeCheckpoint(
  store: Store,
  runId: string,
  { iteration, epoch }: CheckpointReference,
  state: TrainingState,
): Promise<string> {
  const prefix = runKeys.checkpoint(runId, iteration, epoch);
  const files: Record<string, { bytes: number; sha256: string }> = {};
  const updates: Record<string, number> = {};
  for (const [network, { layout, adam }] of state) {
    updates[network] = adam.updates;
    const contents = {
      [network]: encodeParameters(layout, adam.parameters),
      [momentsFile(network)]: encodeParameters(momentsLayout(layout), joinMoments(layout, adam)),
    };
    for (const [name, bytes] of Object.entries(contents)) {
      files[name] = { bytes: bytes.length, sha256: sha256(bytes) };
      await store.create(checkpointKeys.file(prefix, name), bytes);
    }
  }
  const meta = { format: 1, iteration, epoch, updates, files } as const;
  await store.create(checkpointKeys.meta(prefix), jsonBytes(meta));
  return prefix;
}

/** Read a checkpoint back. @throws CheckpointError that names the object that is missing or damaged */
export async function readCheckpoint(
  store: Store,
  runId: string,
  reference: CheckpointReference,
  program: Program,
): Promise<TrainingState> {
  const prefix = runKeys.checkpoint(runId, reference.iteration, reference.epoch);
  const metaKey = checkpointKeys.meta(prefix);
  const meta = parseMeta(await read(store, metaKey), metaKey, reference);

  const file = async (name: string, layout: ParameterLayout): Promise<Float32Array> => {
    const key = checkpointKeys.file(prefix, name);
    const bytes = await read(store, key);
    const expected = meta.files[name];
    if (bytes.length !== expected?.bytes || sha256(bytes) !== expected.sha256) {
      throw new CheckpointError(
        `${key} is damaged: it is not what its checkpoint's meta.json says`,
      );
    }
    return decodeParameters(layout, bytes, key);
  };

  const state = new Map();
  for (const network of program.networks) {
    const layout = networkLayout(network);
    const parameters = await file(network.name, layout);
    const moments = await file(momentsFile(network.name), momentsLayout(layout));
    const updates = meta.updates[network.name];
    if (updates === undefined)
      throw new CheckpointError(`${metaKey} lacks network ${network.name}`);
    state.set(network.name, {
      layout,
      adam: { parameters, updates, ...splitMoments(layout, moments) },
    });
  }
  return state;
}

function parseMeta(bytes: Uint8Array, key: string, { iteration, epoch }: CheckpointReference) {
  let meta: z.infer<typeof metaSchema>;
  try {
    meta = parseJsonObject(metaSchema, bytes, key);
  } catch (cause) {
    throw new CheckpointError(messageOf(cause), cause);
  }
  if (meta.iteration === iteration && meta.epoch === epoch) return meta;
  throw new CheckpointError(`${key} describes iteration ${meta.iteration} of epoch ${meta.epoch}`);
}

async function read(store: Store, key: string): Promise<Uint8Array> {
  try {
    return (await store.get(key)).bytes;
  } catch (error) {
    if (!(error instanceof ObjectNotFoundError)) throw error;
    throw new CheckpointError(`The checkpoint is not complete: there is no ${key}`, error);
  }
}

/** Adam's moments of a tensor `D.w1` are stored as `D.w1.m` and `D.w1.v`. */
function momentsLayout({ tensors }: ParameterLayout): ParameterLayout {
  return layOut(
    tensors.flatMap(({ name, shape }) => [
      { name: `${name}.m`, shape },
      { name: `${name}.v`, shape },
    ]),
  );
}

function joinMoments(
  layout: ParameterLayout,
  { m, v }: { m: Float32Array; v: Float32Array },
): Float32Array {
  const joined = new Float32Array(2 * layout.size);
  for (const place of layout.tensors) {
    joined.set(tensorView(m, place), 2 * place.offset);
    joined.set(tensorView(v, place), 2 * place.offset + place.size);
  }
  return joined;
}

function splitMoments(layout: ParameterLayout, joined: Float32Array) {
  const m = new Float32Array(layout.size);
  const v = new Float32Array(layout.size);
  for (const { offset, size } of layout.tensors) {
    m.set(joined.subarray(2 * offset, 2 * offset + size), offset);
    v.set(joined.subarray(2 * offset + size, 2 * (offset + size)), offset);
  }
  return { m, v };
}
