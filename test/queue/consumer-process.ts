import { IpcQueueService } from '../../lib/queue/ipc.ts';

/** Takes one message from a queue of its parent, tells what it got, and holds it until it is killed. */
async function main([name = '']: string[]): Promise<void> {
  const queue = new IpcQueueService(process).open(name);
  const [delivery] = await queue.receive({ max: 1, waitMs: 60_000 });
  process.send?.({ got: delivery });
  await new Promise((resolve) => setTimeout(resolve, 3_600_000));
}

await main(process.argv.slice(2));
