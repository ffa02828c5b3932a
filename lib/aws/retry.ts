import { setTimeout as sleep } from 'node:timers/promises';

const ATTEMPTS = 5;
const BASE_MS = 50;

/** Wait before another attempt: longer after each, times a random share, to spread requests. */
async function backOff(attempt: number): Promise<void> {
  await sleep(Math.random() * BASE_MS * 2 ** attempt);
}

/**
 * Repeat an action while it fails in a way that may pass. This is for failures that the SDK does
 * not retry by itself. The SDK's own attempts happen inside.
 */
export async function retrying<T>(
  action: () => Promise<T>,
  mayPass: (error: unknown) => boolean,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (attempt === ATTEMPTS || !mayPass(error)) throw error;
      await backOff(attempt);
    }
  }
}

/** An item that failed in a batch request that succeeded as a whole. */
export interface FailedItem<T> {
  readonly item: T;
  readonly reason: string;
  /** Another attempt may help. */
  readonly mayPass: boolean;
}

/**
 * Send a batch, and send again the items that failed in a way that may pass.
 *
 * @returns those that failed for good
 */
export async function retryingItems<T>(
  items: readonly T[],
  send: (items: readonly T[]) => Promise<FailedItem<T>[]>,
): Promise<FailedItem<T>[]> {
  const lost: FailedItem<T>[] = [];
  let left = items;
  for (let attempt = 1; ; attempt++) {
    const failed = await send(left);
    const again = failed.filter(({ mayPass }) => mayPass);
    lost.push(...failed.filter(({ mayPass }) => !mayPass));
    if (again.length === 0 || attempt === ATTEMPTS) return [...lost, ...again];
    await backOff(attempt);
    left = again.map(({ item }) => item);
  }
}
