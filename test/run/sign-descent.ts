import { networkLayout } from '../../lib/program/network.ts';
import type {
  Aggregation,
  AggregationFactory,
  Round,
  RoundResult,
} from '../../lib/run/coordinator/aggregation.ts';
import type { CheckpointFile } from '../../lib/run/record/checkpoint.ts';
import {
  initialState,
  type NetworkWeights,
  weightsOf,
} from '../../lib/run/record/training-state.ts';
import { MESSAGE_FORMAT } from '../../lib/wire/messages.ts';
import { decodeGradient } from '../support/decode-gradient.ts';

/**
 * Descent by the signs of the summed gradient (Bernstein et al., "signSGD", 2018): an aggregation that
 * has no optimizer state, for a program of one network and one phase. All that it needs is here.
 */
export const signDescent: AggregationFactory = async (
  { config, program, epoch, replyTo },
  checkpoint,
) => {
  const layout = networkLayout(program.networks[0] as (typeof program.networks)[0]);
  const name = program.networks[0]?.name ?? '';
  const parameters = checkpoint
    ? await checkpoint.block(name, layout)
    : (weightsOf(initialState(program, config.seed)).get(name) as NetworkWeights).parameters;
  let version = checkpoint?.updates(name) ?? 0;
  const aggregation: Aggregation = {
    get networks() {
      return new Map([[name, { layout, parameters, version }]]);
    },
    next: (iteration) => {
      const sums = new Float64Array(layout.size);
      const round: Round = {
        step: iteration,
        phase: 'signs',
        jobs: (weights) =>
          Array.from({ length: config.shards }, (_, shard) => ({
            format: MESSAGE_FORMAT,
            kind: 'gradient',
            runId: config.runId,
            epoch,
            attempt: 1,
            seed: config.seed,
            program: config.program,
            weights,
            replyTo,
            step: iteration,
            phase: 0,
            shard,
            shards: config.shards,
            batch: config.batch,
            dataset: config.dataset,
            wire: config.wire,
            gradients: config.gradients,
          })),
        accept: (_shard, _success, bytes) => {
          decodeGradient(layout, bytes, 'a gradient').forEach((value, i) => {
            sums[i] = (sums[i] as number) + value;
          });
        },
        finish: (): RoundResult => {
          sums.forEach((sum, i) => {
            parameters[i] = (parameters[i] as number) - config.learningRate * Math.sign(sum);
          });
          version++;
          return { metrics: [{ cost: version }] };
        },
      };
      return { iterations: 1, rounds: [round] };
    },
    contents: () => ({
      updates: { [name]: version },
      files: new Map<string, CheckpointFile>([[name, { layout, block: parameters }]]),
    }),
  };
  return aggregation;
};
