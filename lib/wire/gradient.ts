import { z } from 'zod';
import { InvalidDataError } from '../errors.ts';
import { addFloats, joinSummands, type Summand } from '../numeric/gradient-sum.ts';
import { addHalves, halfScaleExponent, toHalf } from '../numeric/half.ts';
import { type ParameterLayout, tensorView } from '../numeric/parameter-block.ts';
import { expandNumbers } from './compressed.ts';
import { bytesOf, floatsOf, halvesOf } from './floats.ts';
import { Int8Encoder, int8Summand, isInt8, type RoundingAddress } from './int8-gradient.ts';
import { encodeParameters, requireLayout } from './parameters.ts';
import { decodeTensors, encodeTensors, type RawTensor } from './safetensors.ts';

/**
 * How gradients travel: as they are, as half floats with one power-of-two scale per tensor, or as
 * integers of 8 bits with one for each 256.
 */
export const wireSchema = z.enum(['f32', 'f16', 'int8']);

/** See {@link wireSchema}. */
export type Wire = z.infer<typeof wireSchema>;

const exponentSchema = z
  .string()
  .regex(/^-?\d{1,3}$/)
  .transform(Number)
  .pipe(z.number().min(-256).max(256));

/**
 * A gradient as a safetensors file, whose metadata holds each half tensor's scale exponent.
 *
 * @param address what the rounding to 8 bits follows from
 */
export function encodeGradient(
  layout: ParameterLayout,
  gradient: Float32Array,
  wire: Wire,
  address: RoundingAddress,
): Uint8Array {
  if (wire === 'f32') return encodeParameters(layout, gradient);
  if (wire === 'int8') {
    const encoder = new Int8Encoder(layout);
    encoder.gradient.set(gradient);
    return encoder.encode(address);
  }
  const metadata: Record<string, string> = {};
  const tensors = layout.tensors.map((place): RawTensor => {
    const values = tensorView(gradient, place);
    const exponent = halfScaleExponent(values);
    metadata[`${place.name}.scaleExponent`] = String(exponent);
    const data = bytesOf(toHalf(values, exponent));
    return { name: place.name, dtype: 'F16', shape: place.shape, data };
  });
  return encodeTensors({ tensors, metadata });
}

/**
 * The gradient that {@link encodeGradient} wrote, compressed or not, ready to be added to a sum in
 * its layout. It is checked here, and decoded only while it is added.
 *
 * @param source what the bytes are, for messages
 * @throws InvalidDataError when its tensors are not exactly the layout's
 */
export function gradientSummand(
  layout: ParameterLayout,
  bytes: Uint8Array,
  source: string,
): Summand {
  const { tensors, metadata } = decodeTensors(expandNumbers(bytes, layout, source), source);
  if (isInt8(tensors)) return int8Summand(layout, tensors, source);
  requireLayout(layout, tensors, source);
  const parts = layout.tensors.map(({ name, offset }): Summand => {
    const { dtype, data } = tensors.find((tensor) => tensor.name === name) as RawTensor;
    if (dtype === 'F32') {
      const values = floatsOf(data);
      return (sum, weight) => addFloats(sum, offset, values, weight);
    }
    if (dtype !== 'F16') {
      throw new InvalidDataError(`${source}: tensor ${name} is ${dtype}, not F32 or F16`);
    }
    const halves = halvesOf(data);
    const exponent = scaleExponentOf(name, metadata, source);
    return (sum, weight) => addHalves(sum, offset, halves, exponent, weight);
  });
  return joinSummands(parts);
}

function scaleExponentOf(
  name: string,
  metadata: Readonly<Record<string, string>>,
  source: string,
): number {
  const exponent = exponentSchema.safeParse(metadata[`${name}.scaleExponent`]);
  if (exponent.success) return exponent.data;
  throw new InvalidDataError(`${source}: half tensor ${name} has no valid scale exponent`);
}
