import type { AdamState } from '../../numeric/adam.ts';
import { layOut, type ParameterLayout, tensorView } from '../../numeric/parameter-block.ts';

/** Adam's first and second moments of one network, m and v. */
export type Moments = Pick<AdamState, 'm' | 'v'>;

/** How a network's moments are stored: those of a tensor `D.w1` as `D.w1.m` and `D.w1.v`. */
export function momentsLayout({ tensors }: ParameterLayout): ParameterLayout {
  return layOut(
    tensors.flatMap(({ name, shape }) => [
      { name: `${name}.m`, shape },
      { name: `${name}.v`, shape },
    ]),
  );
}

/** Moments as one block of {@link momentsLayout}. @param layout of the network's parameters */
export function joinMoments(layout: ParameterLayout, { m, v }: Moments): Float32Array {
  const joined = new Float32Array(2 * layout.size);
  for (const place of layout.tensors) {
    joined.set(tensorView(m, place), 2 * place.offset);
    joined.set(tensorView(v, place), 2 * place.offset + place.size);
  }
  return joined;
}

/** The moments that {@link joinMoments} joined. @param layout of the network's parameters */
export function splitMoments(layout: ParameterLayout, joined: Float32Array): Moments {
  const m = new Float32Array(layout.size);
  const v = new Float32Array(layout.size);
  for (const { offset, size } of layout.tensors) {
    m.set(joined.subarray(2 * offset, 2 * offset + size), offset);
    v.set(joined.subarray(2 * offset + size, 2 * (offset + size)), offset);
  }
  return { m, v };
}
