import { decodeGenerator } from '../lib/wire/generator-file.ts';
import { encodeTensors } from '../lib/wire/safetensors.ts';
import type { Actor } from './actor.ts';
import { Violation } from './scheduler.ts';

/** All that an undisturbed run writes, by what it is, whoever writes it: `weights/D/1`. */
export type Reference = Map<string, Uint8Array>;

/** Objects are written once, each by one coordinator, to the bits of the undisturbed run. */
export class ObjectRules {
  readonly #reference: Reference;
  readonly #recording: boolean;
  readonly #drawn: string;
  readonly #writers = new Map<string, Actor>();

  /**
   * @param recording whether this is the undisturbed run: what it writes becomes the reference
   * @param drawn the checkpoint's file with the weights that images are drawn with
   */
  constructor(reference: Reference, recording: boolean, drawn: string) {
    this.#reference = reference;
    this.#recording = recording;
    this.#drawn = drawn;
  }

  /** Which coordinator wrote an object; undefined: none. */
  writerOf(key: string): Actor | undefined {
    return this.#writers.get(key);
  }

  creating(actor: Actor, key: string, bytes: Uint8Array): void {
    if (isGenerator(key)) {
      this.generator(key, bytes);
      return;
    }
    const [, kind = '', ...rest] = /^runs\/[^/]+\/(\w+)\/([^/]+)\/([^/]+)$/.exec(key) ?? [];
    const [folder = '', file = ''] = rest.map((name) => name.replace(/-e\d+/, ''));
    if (kind === 'gradients') {
      const round = /^\d+$/.test(folder) ? `step-${folder}` : folder;
      this.requireSame(`answer/${round}/${file.split('-')[0]}`, bytes);
      return;
    }
    if (kind === 'lanes') {
      // Whoever does the job again finds it there, or writes it again where it has been removed.
      this.requireSame(`lanes/${folder}/${file}`, bytes);
      return;
    }
    const writer = this.#writers.get(key);
    if (writer) {
      throw new Violation(`${actor.name} writes ${key}, which ${writer.name} has written already`);
    }
    this.#writers.set(key, actor);
    this.requireSame(`${kind}/${folder}/${file}`, file === 'meta.json' ? ofNoEpoch(bytes) : bytes);
  }

  /** A generator file is not written once: it is always that of the checkpoint of its iteration. */
  generator(key: string, bytes: Uint8Array): void {
    const { tensors = [], statistics = [], iteration = 0 } = decodeGenerator(bytes, key) ?? {};
    const weights = encodeTensors({ tensors, metadata: {} });
    this.requireSame(`checkpoints/${iteration}/${this.#drawn}.safetensors`, weights);
    if (statistics.length === 0) return;
    const standing = encodeTensors({ tensors: statistics, metadata: {} });
    this.requireSame(`answer/statistics-${iteration}/0`, standing);
  }

  /** Bytes must be those of the undisturbed run. */
  requireSame(what: string, bytes: Uint8Array): void {
    const known = this.#reference.get(what);
    if (known ? Buffer.compare(known, bytes) === 0 : this.#recording) {
      this.#reference.set(what, bytes);
      return;
    }
    throw new Violation(
      known ? `${what} has other bits than in an undisturbed run` : `${what} should not be at all`,
    );
  }
}

/** Whether a key is that of a run's generator file, or of the best one. */
export function isGenerator(key: string): boolean {
  return /\/(generator|best)\.safetensors$/.test(key);
}

/** A checkpoint's description says which epoch wrote it and its lanes: all that may differ. */
function ofNoEpoch(meta: Uint8Array): Uint8Array {
  return Buffer.from(
    Buffer.from(meta)
      .toString()
      .replace(/"epoch":\s*\d+/, '"epoch":0')
      .replace(/-e\d+\.safetensors/g, '-e0.safetensors'),
  );
}
