/** What an actor plays. */
export type Role = 'coordinator' | 'worker' | 'watchdog' | 'user';

/**
 * A process in the model: real code that meets the others in the store and in the queues only. It
 * may be slow, stand still, or crash; then what it has asked for may still happen.
 */
export class Actor {
  /** `ended`: it has come to its end by itself. */
  state: 'running' | 'ended' | 'crashed' = 'running';
  /** It does nothing before so many events have happened. */
  pausedUntil = 0;
  /** How likely it is to be the next to get on, against others. */
  speed = 1;

  /** @param clockOffset how far its own clock is from the model's: no two machines' clocks agree */
  constructor(
    readonly role: Role,
    readonly name: string,
    readonly clockOffset = 0,
  ) {}
}
