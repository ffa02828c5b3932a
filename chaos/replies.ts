import type { Message } from '../lib/queue/queue.ts';
import type { Store } from '../lib/store/store.ts';
import { crc32 } from '../lib/wire/checksum.ts';
import type { Reply, Success } from '../lib/wire/messages.ts';
import { notFinite } from './damage.ts';

/** An answer with another gradient, which is not finite; undefined where there is none to change. */
export type Poisoner = (reply: Reply) => Promise<Message | undefined>;

/** A round of gradients, or of what lanes have trained. */
const ROUND = /^(step|local)-(\d+)$/;

/** Whether it is the answer of a shard or a lane: not a failure, and not a sample grid. */
export function isGradient(reply: Reply): reply is Success {
  return reply.kind === 'success' && ROUND.test(reply.round);
}

/**
 * An answer as a worker gives it that was asleep: for an epoch or a step that has passed, with a
 * gradient that would be found in the weights if anyone took it.
 */
export function staleCopy(reply: Reply, variant: 'epoch' | 'step'): Message {
  const payload = new Uint8Array(64).fill(0x3f);
  const data = { bytes: payload.length, crc32: crc32(payload) };
  const [, kind, number] = ROUND.exec(reply.round) ?? [];
  const step = Number(number);
  const old =
    variant === 'epoch' && reply.epoch > 1
      ? { epoch: reply.epoch - 1 }
      : { round: `${kind}-${step > 0 ? step - 1 : 999_999}` };
  return { body: JSON.stringify({ ...reply, ...old, data }), payload };
}

/** Make poisoned answers: what is wrong with their gradients is not to be seen by any checksum. */
export function poisonerOf(store: Store): Poisoner {
  return async (reply) => {
    if (!isGradient(reply) || reply.data.key === undefined) return undefined;
    const object = await store.get(reply.data.key).catch(() => undefined);
    if (!object) return undefined;
    const bytes = notFinite(object.bytes);
    const key = reply.data.key.replace('.safetensors', '-poisoned.safetensors');
    await store.create(key, bytes, { transient: true });
    const data = { bytes: bytes.length, crc32: crc32(bytes), key };
    return { body: JSON.stringify({ ...reply, data }) };
  };
}
