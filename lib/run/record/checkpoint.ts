import { z } from 'zod';
import { InvalidDataError, messageOf } from '../../errors.ts';
import type { ParameterLayout } from '../../numeric/parameter-block.ts';
import { ObjectNotFoundError, type Store } from '../../store/store.ts';
import { sha256 } from '../../wire/checksum.ts';
import { jsonBytes, parseJsonObject } from '../../wire/json-object.ts';
import { type ObjectReference, objectReferenceSchema } from '../../wire/messages.ts';
import { decodeParameters, encodeParameters } from '../../wire/parameters.ts';
import { checkpointKeys, runKeys } from './keys.ts';

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
  /** With local iterations: each lane's optimizer state, objects of their own. */
  lanes: z.array(objectReferenceSchema).optional(),
});

type Meta = z.infer<typeof metaSchema>;

/** A checkpoint's place: its iteration and the epoch that wrote it. */
export interface CheckpointReference {
  readonly iteration: number;
  readonly epoch: number;
}

/** One safetensors file of a checkpoint. */
export interface CheckpointFile {
  readonly layout: ParameterLayout;
  readonly block: Float32Array;
}

/** What a checkpoint holds. */
export interface CheckpointContents {
  /** Updates that each network has had. */
  readonly updates: Readonly<Record<string, number>>;
  /** By the file's name without its ending, such as `D` and `adam-D`. */
  readonly files: ReadonlyMap<string, CheckpointFile>;
  /** Each lane's optimizer state, if there are lanes. */
  readonly lanes?: readonly ObjectReference[];
}

/** A checkpoint is incomplete or damaged. */
export class CheckpointError extends InvalidDataError {
  constructor(what: string, cause?: unknown) {
    super(what, {
      cause,
      hint: 'The run cannot continue from it. Restore the file from a copy, or start a new run.',
    });
  }
}

/**
 * Write a checkpoint: its files, then the description that makes it complete. It counts only once
 * the run's head names it.
 *
 * @returns the prefix of its keys
 */
export async function writeCheckpoint(
  store: Store,
  runId: string,
  { iteration, epoch }: CheckpointReference,
  { updates, files: contents, lanes }: CheckpointContents,
): Promise<string> {
  const prefix = runKeys.checkpoint(runId, iteration, epoch);
  const files: Record<string, { bytes: number; sha256: string }> = {};
  for (const [name, { layout, block }] of contents) {
    const bytes = encodeParameters(layout, block);
    files[name] = { bytes: bytes.length, sha256: sha256(bytes) };
    await store.create(checkpointKeys.file(prefix, name), bytes);
  }
  const meta = { format: 1, iteration, epoch, updates, files, lanes } as const;
  await store.create(checkpointKeys.meta(prefix), jsonBytes(meta));
  return prefix;
}

/** Reads one checkpoint, and checks everything that it reads. */
export class CheckpointReader {
  /** Of its keys. */
  readonly prefix: string;
  readonly #store: Store;
  readonly #meta: Meta;

  private constructor(store: Store, prefix: string, meta: Meta) {
    this.#store = store;
    this.prefix = prefix;
    this.#meta = meta;
  }

  /** @throws CheckpointError that names the object that is missing or damaged */
  static async open(
    store: Store,
    runId: string,
    reference: CheckpointReference,
  ): Promise<CheckpointReader> {
    const prefix = runKeys.checkpoint(runId, reference.iteration, reference.epoch);
    const key = checkpointKeys.meta(prefix);
    return new CheckpointReader(store, prefix, parseMeta(await read(store, key), key, reference));
  }

  /**
   * Each lane's optimizer state; none if there are no lanes, or before their first averaging.
   */
  get lanes(): readonly ObjectReference[] {
    return this.#meta.lanes ?? [];
  }

  /** Updates that a network has had. @throws CheckpointError */
  updates(network: string): number {
    const updates = this.#meta.updates[network];
    if (updates !== undefined) return updates;
    throw new CheckpointError(`${checkpointKeys.meta(this.prefix)} lacks network ${network}`);
  }

  /**
   * A file's parameters.
   *
   * @throws CheckpointError that names the object that is missing or damaged
   */
  async block(name: string, layout: ParameterLayout): Promise<Float32Array> {
    const key = checkpointKeys.file(this.prefix, name);
    const bytes = await read(this.#store, key);
    const expected = this.#meta.files[name];
    if (bytes.length !== expected?.bytes || sha256(bytes) !== expected.sha256) {
      throw new CheckpointError(
        `${key} is damaged: it is not what its checkpoint's meta.json says`,
      );
    }
    return decodeParameters(layout, bytes, key);
  }
}

function parseMeta(bytes: Uint8Array, key: string, { iteration, epoch }: CheckpointReference) {
  let meta: Meta;
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
