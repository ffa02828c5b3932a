import { UsageError } from '../../errors.ts';
import { builtInPrograms } from '../../program/built-in.ts';
import type { DatasetForm, Program } from '../../program/program.ts';
import { bundleKeys, MAX_BUNDLE_BYTES } from '../../program/program-bundle.ts';
import type { ProgramReference } from '../../program/program-reference.ts';
import type { ProgramSource } from '../../program/program-source.ts';
import { RecentlyUsed } from '../../recently-used.ts';
import { ObjectNotFoundError, type Store } from '../../store/store.ts';
import { sha256 as hashOf } from '../../wire/checksum.ts';
import { ProgramError } from '../errors.ts';
import { OwnProgram } from './own-program.ts';

/** How many programs are held, each with its settings. */
const CAPACITY = 16;

/** Where bundles come from. */
export type ReadBundle = (sha256: string) => Promise<Uint8Array>;

/**
 * The programs that are built in, and program files by the hash of their bundle. A bundle is used
 * only if its bytes have that hash.
 */
export class ProgramLibrary implements ProgramSource {
  readonly #builtIn = builtInPrograms();
  readonly #read: ReadBundle;
  readonly #bundles = new RecentlyUsed<Promise<Uint8Array>>(CAPACITY);
  readonly #files = new RecentlyUsed<Promise<OwnProgram>>(CAPACITY);
  readonly #programs = new RecentlyUsed<Program>(CAPACITY);

  constructor(read: ReadBundle) {
    this.#read = read;
  }

  async load(reference: ProgramReference): Promise<Program> {
    const { sha256, settings } = reference;
    if (sha256 === undefined) return this.#builtIn.create(reference);
    const key = JSON.stringify([sha256, settings]);
    const held = this.#programs.get(key);
    if (held) return held;
    const file = await this.file(sha256);
    const program = file.create(settings);
    this.#programs.set(key, program);
    return program;
  }

  async adapt(
    reference: ProgramReference,
    dataset: DatasetForm | undefined,
  ): Promise<ProgramReference> {
    const { sha256, settings } = reference;
    if (sha256 === undefined) return this.#builtIn.adapt(reference, dataset);
    const file = await this.file(sha256);
    return { name: file.name, settings: file.adapt(settings, dataset), sha256 };
  }

  async bundleOf({ sha256 }: ProgramReference): Promise<Uint8Array | undefined> {
    return sha256 === undefined
      ? undefined
      : remember(this.#bundles, sha256, () => this.#bytes(sha256));
  }

  /** A program file, by the hash of its bundle. Its code is run once. */
  file(sha256: string): Promise<OwnProgram> {
    return remember(this.#files, sha256, async () => {
      const bytes = await remember(this.#bundles, sha256, () => this.#bytes(sha256));
      return OwnProgram.import(bytes);
    });
  }

  async #bytes(sha256: string): Promise<Uint8Array> {
    const bytes = await this.#read(sha256);
    if (bytes.length <= MAX_BUNDLE_BYTES && hashOf(bytes) === sha256) return bytes;
    throw new ProgramError(
      `The program ${bundleKeys.bundle(sha256)} is damaged: its bytes have another hash`,
      {
        hint: 'Remove it and start a run with the same program file: that stores it anew.',
      },
    );
  }
}

/** What a promise gives, once per key; a failure is forgotten. */
async function remember<T>(
  held: RecentlyUsed<Promise<T>>,
  key: string,
  make: () => Promise<T>,
): Promise<T> {
  const known = held.get(key);
  if (known) return known;
  const made = make();
  held.set(key, made);
  return made.catch((error: unknown) => {
    held.delete(key);
    throw error;
  });
}

/** The programs that a store's runs may have: built in, and those that it holds. */
export function programsIn(store: Pick<Store, 'get'>): ProgramLibrary {
  return new ProgramLibrary(async (sha256) => {
    const key = bundleKeys.bundle(sha256);
    const { bytes } = await store.get(key).catch((cause: unknown) => {
      if (!(cause instanceof ObjectNotFoundError)) throw cause;
      throw new ProgramError(`The store has no program ${key}`, {
        cause,
        hint: 'Start a run with the same program file: that stores it anew.',
      });
    });
    return bytes;
  });
}

/** The programs of a stack that was deployed without program files. */
export function builtInProgramsOnly(): ProgramLibrary {
  return new ProgramLibrary(async () => {
    throw ownProgramsRefused();
  });
}

/** Why a stack that was deployed without program files starts no run of one. */
export function ownProgramsRefused(): UsageError {
  return new UsageError('This stack runs no programs of your own', {
    hint: 'Deploy it with `npx cdk deploy -c ownPrograms=true`; docs/security.md says what that means.',
  });
}

/** A program file that has just been bundled, before it is stored. */
export function programsWith(bundle: { readonly sha256: string; readonly bytes: Uint8Array }) {
  return new ProgramLibrary(async () => bundle.bytes);
}
