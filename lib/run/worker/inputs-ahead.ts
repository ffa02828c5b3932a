import type { DatasetCache } from '../../data/dataset.ts';
import type { PhaseSpec, Program } from '../../program/program.ts';
import { type DrawnInputs, drawArrays, type ShardOfStep } from './phase-inputs.ts';

interface Ahead {
  readonly name: string;
  readonly drawn: Promise<DrawnInputs>;
}

/**
 * Draws the inputs of the next step's loss while the worker waits for its job. It guesses which job
 * comes next: random numbers are addressed, so wrong guesses are never used.
 */
export class InputsAhead {
  #next: (() => Ahead) | undefined;
  #ahead: Ahead | undefined;

  /** The inputs of a shard of a step. The same shard of the next step is expected afterwards. */
  draw(
    datasets: Pick<DatasetCache, 'load'>,
    at: ShardOfStep,
    program: Program,
    phase: PhaseSpec,
  ): Promise<DrawnInputs> {
    const name = nameOf(at, program, phase);
    const drawn =
      this.#ahead?.name === name ? this.#ahead.drawn : drawArrays(datasets, at, program, phase);
    this.#ahead = undefined;
    this.#next = () => {
      const next = { ...at, step: at.step + 1 };
      const nextPhase = program.phases[next.step % program.phases.length] as PhaseSpec;
      return {
        name: nameOf(next, program, nextPhase),
        drawn: drawArrays(datasets, next, program, nextPhase),
      };
    };
    return drawn;
  }

  /** Draw the expected inputs, once. What fails now fails again when the job comes. */
  async prepare(): Promise<void> {
    const next = this.#next;
    if (!next) return;
    this.#next = undefined;
    const ahead = next();
    this.#ahead = ahead;
    await ahead.drawn.catch(() => {
      if (this.#ahead === ahead) this.#ahead = undefined;
    });
  }
}

function nameOf(at: ShardOfStep, program: Program, phase: PhaseSpec): string {
  const { latent, wantsLabels, exampleShape } = program;
  const { seed, step, batch, shards, shard, dataset, augment } = at;
  return JSON.stringify([
    [seed, step, batch, shards, shard, dataset.name, dataset.sha256],
    [latent, wantsLabels?.classes, phase.needsReal, exampleShape, augment],
  ]);
}
