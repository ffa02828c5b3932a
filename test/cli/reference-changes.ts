import {
  augmentationReference,
  augmentReference,
  type Image,
  type Numbers,
  slopeReference,
} from '../numeric/reference-augmentation.ts';

const SIDE = 28;

/** How the examples of a slice of a batch are changed before D sees them; `i` counts in the slice. */
export interface Changes {
  readonly seen: (kind: 'real' | 'fake', i: number, image: Float64Array) => Float64Array;
  /** A loss's slope by a fake, from its slope by what D sees of it. */
  readonly slope: (i: number, bySeen: Float64Array) => Float64Array;
}

/** @param stream stream 7 of the step @param first the slice's first example */
export function changesOf(
  stream: readonly [number, number],
  first: number,
  names: readonly (keyof Numbers)[] = [],
): Changes {
  const numbersOf = (kind: 'real' | 'fake', i: number): Numbers => {
    const all = augmentationReference(stream, first + i, kind, [SIDE, SIDE]);
    return Object.fromEntries(names.map((name) => [name, all[name]]));
  };
  const change = (row: Float64Array, by: (image: Image) => Image) =>
    names.length === 0 ? row : Float64Array.from(by(imageOf(row)).flat(2));
  return {
    seen: (kind, i, row) => change(row, (image) => augmentReference(image, numbersOf(kind, i))),
    slope: (i, row) => change(row, (image) => slopeReference(image, numbersOf('fake', i))),
  };
}

function imageOf(row: Float64Array): Image {
  return Array.from({ length: SIDE }, (_, i) =>
    Array.from(row.subarray(i * SIDE, (i + 1) * SIDE), (value) => [value]),
  );
}
