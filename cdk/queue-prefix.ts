import { createHash } from 'node:crypto';

const MAX_LENGTH = 40;
const HASH_LENGTH = 8;

/**
 * Begins the names of the queues that a stack's coordinators make. The hash separates stacks whose
 * names begin alike: no stack's policy, `<prefix>replies-*`, covers another stack's queues.
 *
 * @param stackName letters, digits and hyphens, unique in its account and region
 * @returns up to 40 letters, digits and hyphens: a queue's name has at most 80 characters, of which the
 *   rest of a reply queue's name needs half
 */
export function queuePrefix(stackName: string): string {
  const hash = createHash('sha256').update(stackName).digest('hex').slice(0, HASH_LENGTH);
  return `${stackName.slice(0, MAX_LENGTH - HASH_LENGTH - 2)}-${hash}-`;
}
