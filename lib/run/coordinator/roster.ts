import type { Clock } from '../clock.ts';

/**
 * A worker has so long to start and to answer its first job. Not much longer than a cold start takes:
 * a job that is late five times ends the run, which may be 25 s, and a start may be lost.
 */
const STARTING_MS = 8_000;
/** A worker that answers counts as alive for so long after each answer. */
const SILENT_MS = 5_000;
/** Each other worker answers so many jobs, and one none: it is not there. */
const PASSED_OVER = 16;
/** A place is filled so often without an answer from it: more would not help. */
const MOST_REPLACEMENTS = 4;

/** A place in a fleet, and the worker who has it. */
interface Place {
  readonly number: number;
  /** How many workers have been started for it. */
  started: number;
  /** When its worker was started, or last heard. */
  sign: number;
  hasAnswered: boolean;
  /** Jobs that others have answered since. */
  passedOver: number;
  replacements: number;
}

/** A worker that counts as lost, and the name of the one to start instead. */
export interface Replacement {
  readonly worker: string;
  readonly successor: string;
  readonly reason: string;
}

/**
 * Judges by answers alone which workers are lost. A job that is late was in someone's hands, so the
 * one who has been silent the longest is replaced. A worker that was lost while it had no job is
 * never late; it is found because all others answer many jobs.
 */
export class Roster {
  readonly #clock: Clock;
  readonly #places: readonly Place[];
  #late = 0;

  constructor(size: number, clock: Clock) {
    this.#clock = clock;
    this.#places = Array.from({ length: size }, (_, number) => ({
      number,
      started: 1,
      sign: clock.now(),
      hasAnswered: false,
      passedOver: 0,
      replacements: 0,
    }));
  }

  get size(): number {
    return this.#places.length;
  }

  /** The present workers. */
  names(): string[] {
    return this.#places.map(nameOf);
  }

  /** A worker has answered, or its successor, who has the same name. */
  heard(worker: string | undefined): void {
    for (const place of this.#places) {
      if (nameOf(place) !== worker) place.passedOver++;
      else Object.assign(place, this.#signOfLife());
    }
  }

  /** A job was not answered in time. */
  jobWasLate(): void {
    this.#late++;
  }

  /** The workers that count as lost now, each of which is to be replaced. */
  replaceLost(): Replacement[] {
    const silent = this.#places
      .filter((place) => this.#isSilent(place))
      .sort((a, b) => a.sign - b.sign);
    const lost = silent.filter(
      (place, i) => i < this.#late || place.passedOver >= PASSED_OVER * this.size,
    );
    const late = this.#late;
    this.#late = 0;
    return lost.map((place, i) => {
      const worker = nameOf(place);
      const reason = i < late ? 'a job is late' : `others have answered ${place.passedOver} jobs`;
      place.started++;
      place.replacements++;
      Object.assign(place, { sign: this.#clock.now(), hasAnswered: false, passedOver: 0 });
      return { worker, successor: nameOf(place), reason };
    });
  }

  #isSilent({ sign, hasAnswered, replacements }: Place): boolean {
    const silentMs = this.#clock.now() - sign;
    const allowedMs = hasAnswered ? SILENT_MS : STARTING_MS;
    return silentMs > allowedMs && replacements < MOST_REPLACEMENTS;
  }

  #signOfLife(): Partial<Place> {
    return { sign: this.#clock.now(), hasAnswered: true, passedOver: 0, replacements: 0 };
  }
}

function nameOf({ number, started }: Place): string {
  return `${number}.${started}`;
}
