import { GradientComputer } from '../../backend/gradient-computer.ts';
import type { NetworkParameters, Program } from '../../program/program.ts';
import type { LocalJob } from '../../wire/messages.ts';
import type { WorkerContext } from './context.ts';
import { drawArrays, shardOfLane, toInputs } from './phase-inputs.ts';

/** A graph is compared with an eager result when it is recorded, and again with other inputs. */
const ITERATIONS = 2;

/**
 * Check that the losses of a lane can be compiled: that they read no values, and follow from their
 * inputs alone. Each phase's gradient is compiled, and compared for the inputs of two iterations.
 *
 * @param networks tensors as variables
 * @throws GraphRefusedError that says what is wrong with a loss, and what to change
 */
export async function checkLosses(
  { backend, datasets }: WorkerContext,
  job: LocalJob,
  program: Program,
  networks: NetworkParameters,
): Promise<void> {
  const gradients = new GradientComputer(backend);
  try {
    for (let i = 0; i < ITERATIONS; i++) {
      for (const [index, phase] of program.phases.entries()) {
        const at = shardOfLane(job, program, job.iteration + i, index);
        const drawn = await drawArrays(datasets, at, program, phase);
        const inputs = toInputs(backend.tf, program, drawn);
        // A phase that comes again in an iteration is the same loss.
        const loss = String(program.phases.indexOf(phase));
        try {
          gradients.compute('compiled', { loss, phase, networks, inputs });
        } finally {
          backend.tf.dispose(inputs);
        }
      }
    }
  } finally {
    gradients.close();
  }
}
