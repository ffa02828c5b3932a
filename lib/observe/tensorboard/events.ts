import { field, message } from './protobuf.ts';
import { encodeRecord } from './records.ts';

const VERSION = 'brain.Event:2';
const PNG_HEADER_BYTES = 33;
const PNG_COLOR = 2;

/** When something happened: seconds since 1970, and the step of its run. */
export interface Moment {
  readonly seconds: number;
  readonly step: number;
}

/** The first record of an event file: the version of its format. */
export function versionRecord(seconds: number): Uint8Array {
  return encodeRecord(message(field.double(1, seconds), field.text(3, VERSION)));
}

/** Numbers by their tags, at one moment. */
export function scalarsRecord(
  moment: Moment,
  scalars: Readonly<Record<string, number>>,
): Uint8Array {
  const values = Object.entries(scalars).map(([tag, value]) =>
    message(field.text(1, tag), field.float(2, value)),
  );
  return summaryRecord(moment, values);
}

/** A PNG file, grey or in colour, under a tag. */
export function imageRecord(moment: Moment, tag: string, png: Uint8Array): Uint8Array {
  if (png.length < PNG_HEADER_BYTES) throw new RangeError('A PNG file has a header');
  const header = Buffer.from(png.buffer, png.byteOffset, PNG_HEADER_BYTES);
  const image = message(
    field.integer(1, header.readUInt32BE(20)),
    field.integer(2, header.readUInt32BE(16)),
    field.integer(3, header[25] === PNG_COLOR ? 3 : 1),
    field.bytes(4, png),
  );
  return summaryRecord(moment, [message(field.text(1, tag), field.bytes(4, image))]);
}

function summaryRecord({ seconds, step }: Moment, values: readonly Uint8Array[]): Uint8Array {
  const summary = message(...values.map((value) => field.bytes(1, value)));
  return encodeRecord(
    message(field.double(1, seconds), field.integer(2, step), field.bytes(5, summary)),
  );
}
