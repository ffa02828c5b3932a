import { z } from 'zod';
import { InvalidDataError } from '../errors.ts';
import { fromHalf, halfScaleExponent, toHalf } from '../numeric/half.ts';
import { type ParameterLayout, tensorView } from '../numeric/parameter-block.ts';
import { bytesOf, floatsOf, halvesOf } from './floats.ts';
import { encodeParameters, requireLayout } from './parameters.ts';
import { decodeTensors, encodeTensors, type RawTensor } from './safetensors.ts';

/** How gradients travel: as they are, or as half floats with a power-of-two scale a tensor. */
export const wireSchema = z.enum(['f32', 'f16']);

/** See {@link wireSchema}. */
export type Wire = z.infer<typeof wireSchema>;

const exponentSchema = z
  .string()
  .regex(/^-?\d{1,3}$/)
  .transform(Number)
  .pipe(z.number().min(-256).max(256));

/** A gradient as a safetensors file, whose metadata holds each half tensor's scale exponent. */
export function encodeGradient(
  layout: ParameterLayout,
  gradient: Float32Array,
  wire: Wire,
): Uint8Array {
  if (wire === 'f32') return encodeParameters(layout, gradient);
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
 * The gradient that {@link encodeGradient} wrote, in one block of the layout.
 *
 * @param source what the bytes are, for messages
 * @param gradient where to write it
 * @throws InvalidDataError when its tensors are not exactly the layout's
 */
export function decodeGradient(
  layout: ParameterLayout,
  bytes: Uint8Array,
  source: string,
  gradient: Float32Array = new Float32Array(layout.size),
): Float32Array {
  const { tensors, metadata } = decodeTensors(bytes, source);
  requireLayout(layout, tensors, source);
  for (const { name, dtype, data } of tensors) {
    const place = layout.tensors.find((candidate) => candidate.name === name);
    if (!place) continue;
    const target = tensorView(gradient, place);
    if (dtype === 'F32') {
      target.set(floatsOf(data));
    } else if (dtype === 'F16') {
      fromHalf(halvesOf(data), scaleExponentOf(name, metadata, source), target);
    } else {
      throw new InvalidDataError(`${source}: tensor ${name} is ${dtype}, not F32 or F16`);
    }
  }
  return gradient;
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
