import type { Head } from '../lib/run/record/head.ts';
import { checkpointKeys, momentsFile, runKeys } from '../lib/run/record/keys.ts';
import type { Actor } from './actor.ts';
import { NETWORKS } from './duel-program.ts';
import type { MemoryObjects } from './memory-objects.ts';
import { Violation } from './scheduler.ts';

/** Only the lease's holder moves the head, and only forwards; what it names is there, whole. */
export class HeadRules {
  readonly #objects: MemoryObjects;
  readonly #now: () => number;
  readonly #epochs = new Map<Actor, number>();
  /** Epochs whose coordinators cannot do their work: they may end the run as failed. */
  readonly #hindered = new Set<number>();
  #head: Head;
  #writtenAt = 0;

  constructor(objects: MemoryObjects, now: () => number, first: Head) {
    this.#objects = objects;
    this.#now = now;
    this.#head = first;
  }

  get head(): Head {
    return this.#head;
  }

  /** The epoch of the lease that a coordinator has taken; undefined: it has taken none. */
  epochOf(actor: Actor): number | undefined {
    return this.#epochs.get(actor);
  }

  /** From now on the present coordinator cannot do its work. */
  hinder(): void {
    this.#hindered.add(this.#head.epoch);
  }

  isHindered(epoch: number): boolean {
    return this.#hindered.has(epoch);
  }

  replaced(actor: Actor, key: string, bytes: Uint8Array): void {
    const before = this.#head;
    const { runId } = before;
    if (key !== runKeys.head(runId)) throw new Violation(`${key} was replaced: it is write-once`);
    const head = JSON.parse(Buffer.from(bytes).toString()) as Head;
    const require = (holds: boolean, what: string) => {
      if (holds) return;
      throw new Violation(
        `${actor.name} moved the head although ${what}: ${JSON.stringify([before, head])}`,
      );
    };
    require(before.status !== 'finished', 'the run was finished');
    const mayFail = this.isHindered(head.epoch);
    require(head.status !== 'failed' || mayFail, 'nothing had failed for good');
    require(head.revision > before.revision, 'its revision would not grow');
    require(iterationOf(head) >= iterationOf(before), 'its checkpoint would go back');
    if (actor.role === 'user') {
      require(before.status === 'failed' && !before.lease, 'the run went on');
      require(head.epoch === before.epoch, 'it is no coordinator');
    } else if (head.epoch === before.epoch) {
      require(before.lease?.owner === actor.name, 'it did not hold the lease');
    } else {
      const age = this.#now() - this.#writtenAt;
      require(head.epoch === before.epoch + 1, 'the epoch would not grow by one');
      require(head.lease?.owner === actor.name, 'it took the lease for another');
      require(!before.lease || age > before.lease.durationMs, 'the lease had not run out');
      this.#epochs.set(actor, head.epoch);
    }
    this.#head = head;
    this.#writtenAt = this.#now();
    this.requireCheckpoint();
  }

  /** The checkpoint that the head names is there as a whole. */
  requireCheckpoint(): void {
    const { runId, checkpoint } = this.#head;
    if (!checkpoint) return;
    const prefix = runKeys.checkpoint(runId, checkpoint.iteration, checkpoint.epoch);
    this.#require(checkpointKeys.meta(prefix));
    const lanes = this.#lanesOf(checkpointKeys.meta(prefix));
    const files = NETWORKS.flatMap((name) => (lanes ? [name] : [name, momentsFile(name)]));
    for (const name of files) this.#require(checkpointKeys.file(prefix, name));
    for (const key of lanes ?? []) this.#require(key);
  }

  #require(key: string): void {
    if (this.#objects.has(key)) return;
    throw new Violation(`The head names a checkpoint of which ${key} is not there`);
  }

  /** The lanes' states that a checkpoint names; undefined: it keeps the moments itself. */
  #lanesOf(meta: string): string[] | undefined {
    const { lanes } = JSON.parse(Buffer.from(this.#objects.get(meta).bytes).toString()) as {
      lanes?: { key: string }[];
    };
    return lanes?.map(({ key }) => key);
  }
}

function iterationOf({ checkpoint }: Head): number {
  return checkpoint?.iteration ?? 0;
}
