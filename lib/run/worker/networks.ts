import { networkOf } from '../../program/network.ts';
import type { NetworkParameters, Program } from '../../program/program.ts';
import type { Job } from '../../wire/messages.ts';
import type { WorkerContext } from './context.ts';

/** The networks that a job names, as variables, by the network's name. */
export async function loadNetworks(
  { weights }: Pick<WorkerContext, 'weights'>,
  job: Pick<Job, 'runId' | 'weights'>,
  program: Program,
): Promise<NetworkParameters> {
  const networks = [];
  for (const [name, reference] of Object.entries(job.weights)) {
    const parameters = await weights.load(job.runId, networkOf(program, name), reference);
    networks.push([name, parameters] as const);
  }
  return Object.fromEntries(networks);
}
