import { EventEmitter } from 'node:events';
import type { Channel } from '../../lib/queue/ipc.ts';

/** One end of a channel within this process. */
export interface ChannelEnd extends Channel {
  disconnect(): void;
  emit(event: 'message', message: unknown): boolean;
}

class End extends EventEmitter implements ChannelEnd {
  other: End | undefined;

  send(message: object, callback?: (error: Error | null) => void): boolean {
    const { other } = this;
    if (!other) {
      setImmediate(() => callback?.(new Error('The channel is closed')));
      return false;
    }
    const copy = structuredClone(message); // as another process would get it
    setImmediate(() => {
      other.emit('message', copy);
      callback?.(null);
    });
    return true;
  }

  disconnect(): void {
    const { other } = this;
    this.other = undefined;
    if (!other) return;
    other.other = undefined;
    for (const end of [this, other]) setImmediate(() => end.emit('disconnect'));
  }
}

/** Two ends of a channel that behave like Node's between processes. */
export function channelPair(): [ChannelEnd, ChannelEnd] {
  const [one, other] = [new End(), new End()];
  one.other = other;
  other.other = one;
  return [one, other];
}
