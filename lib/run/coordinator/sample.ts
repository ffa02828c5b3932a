import { InvalidDataError } from '../../errors.ts';
import { exampleValues } from '../../program/example-shape.ts';
import type { SampleJob } from '../../wire/messages.ts';
import type { RunEvents } from '../events.ts';
import type { Aggregation, JobOrigin } from './aggregation.ts';
import { publishGenerator } from './drawn-weights.ts';
import { jobBase } from './job-base.ts';
import type { RoundContext } from './perform-round.ts';

/** Have a worker draw the run's sample grid: always from the same noise, so that grids compare. */
export async function drawSample(
  origin: JobOrigin,
  { publisher, rounds }: RoundContext,
  aggregation: Aggregation,
  iteration: number,
): Promise<RunEvents['sample']> {
  const { config, program } = origin;
  const shape = program.exampleShape;
  const examples = config.sampleCount;
  const weights = await publishGenerator(program, publisher, aggregation);
  const job: SampleJob = {
    ...jobBase(origin),
    kind: 'sample',
    weights,
    iteration,
    examples,
  };
  let pixels = new Uint8Array();
  await rounds.perform([job], (_index, _success, bytes) => {
    if (bytes.length !== examples * exampleValues(shape)) {
      throw new InvalidDataError(`The sample grid has ${bytes.length} values`);
    }
    pixels = new Uint8Array(bytes);
  });
  return { iteration, pixels, examples, shape };
}
