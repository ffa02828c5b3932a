import { averageDecay, moveAverage } from '../../numeric/average.ts';
import type { CheckpointContents } from '../record/checkpoint.ts';
import { averageFile } from '../record/keys.ts';
import type { NetworkWeights } from '../record/training-state.ts';
import type {
  Aggregation,
  AggregationFactory,
  JobOrigin,
  Round,
  RoundResult,
  Stretch,
} from './aggregation.ts';

/**
 * Wraps any aggregation, and keeps an exponential moving average of the generator's weights, which
 * images are drawn with: Yazıcı et al., "The unusual effectiveness of averaging in GAN training",
 * 2019. The average begins as the initial weights. It moves after each round that updates the
 * generator, with a decay of `0.5^(examples / half life)`. `examples` is the batch times the
 * updates of the round.
 */
export function withAveragedGenerator(factory: AggregationFactory): AggregationFactory {
  return async (origin, checkpoint, initial) => {
    const inner = await factory(origin, checkpoint, initial);
    const { layout, parameters } = generatorOf(inner, origin);
    const average = checkpoint
      ? await checkpoint.block(averageFile(origin.program.generator), layout)
      : parameters.slice();
    return new AveragedGenerator(origin, inner, average);
  };
}

class AveragedGenerator implements Aggregation {
  readonly #origin: JobOrigin;
  readonly #inner: Aggregation;
  /** Changed in place. */
  readonly #average: Float32Array;

  constructor(origin: JobOrigin, inner: Aggregation, average: Float32Array) {
    this.#origin = origin;
    this.#inner = inner;
    this.#average = average;
  }

  get networks(): ReadonlyMap<string, NetworkWeights> {
    return this.#inner.networks;
  }

  get average(): NetworkWeights {
    return { ...generatorOf(this.#inner, this.#origin), parameters: this.#average };
  }

  next(iteration: number): Stretch {
    const { iterations, rounds } = this.#inner.next(iteration);
    return { iterations, rounds: rounds.map((round) => this.#followed(round)) };
  }

  contents(): CheckpointContents {
    const contents = this.#inner.contents();
    const { layout, parameters: block } = this.average;
    const name = averageFile(this.#origin.program.generator);
    return { ...contents, files: new Map(contents.files).set(name, { layout, block }) };
  }

  /** The same round, which also moves the average when it is finished. */
  #followed(round: Round): Round {
    return {
      step: round.step,
      phase: round.phase,
      quorum: round.quorum,
      jobs: (weights) => round.jobs(weights),
      accept: (index, success, bytes) => round.accept(index, success, bytes),
      finish: (missing): RoundResult => {
        const { version: before } = generatorOf(this.#inner, this.#origin);
        const result = round.finish(missing);
        const { version, parameters } = generatorOf(this.#inner, this.#origin);
        if (version > before) this.#follow(parameters, version - before);
        return result;
      },
    };
  }

  #follow(parameters: Float32Array, updates: number): void {
    const { batch, emaHalfLife } = this.#origin.config;
    moveAverage(this.#average, parameters, averageDecay(batch * updates, emaHalfLife));
  }
}

function generatorOf({ networks }: Aggregation, { program }: JobOrigin): NetworkWeights {
  const weights = networks.get(program.generator);
  if (!weights) throw new Error(`The program has no network ${program.generator}`);
  return weights;
}
