/** What an event file says, read by the descriptions of TFRecord and of protocol buffers. */
export interface ReadEvents {
  readonly version: string;
  readonly scalars: Readonly<Record<string, readonly (readonly [number, number])[]>>;
  /** Step, width, height and the file. */
  readonly images: readonly (readonly [number, number, number, Buffer])[];
}

type Fields = ReadonlyMap<number, readonly (number | Buffer)[]>;

/** Read an event file. @throws Error when a checksum or a length is wrong */
export function readEvents(file: Buffer): ReadEvents {
  const scalars = new Map<string, [number, number][]>();
  const images: [number, number, number, Buffer][] = [];
  let version = '';
  for (const data of records(file)) {
    const event = fieldsOf(data);
    const [step = 0] = (event.get(2) as number[] | undefined) ?? [];
    version ||= String(event.get(3)?.[0] ?? '');
    const summary = event.get(5)?.[0] as Buffer | undefined;
    for (const value of summary ? (fieldsOf(summary).get(1) ?? []) : []) {
      const fields = fieldsOf(value as Buffer);
      const tag = String(fields.get(1)?.[0]);
      const image = fields.get(4)?.[0] as Buffer | undefined;
      if (image) {
        const [height, width, , png] = [1, 2, 3, 4].map((n) => fieldsOf(image).get(n)?.[0]);
        images.push([step, width as number, height as number, png as Buffer]);
      } else {
        scalars.set(tag, [...(scalars.get(tag) ?? []), [step, fields.get(2)?.[0] as number]]);
      }
    }
  }
  return { version, scalars: Object.fromEntries(scalars), images };
}

function records(file: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    const data = file.subarray(at + 12, at + 12 + length);
    check(file.subarray(at, at + 8), file.readUInt32LE(at + 8));
    check(data, file.readUInt32LE(at + 12 + length));
    found.push(data);
    at += length + 16;
  }
  return found;
}

/** Bit by bit, as the standard describes it: another way than the code that is tested. */
function check(bytes: Buffer, masked: number): void {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n;
  }
  crc ^= 0xffffffffn;
  const rotated = ((crc >> 15n) | (crc << 17n)) & 0xffffffffn;
  if (((rotated + 0xa282ead8n) & 0xffffffffn) !== BigInt(masked))
    throw new Error('A wrong checksum');
}

function fieldsOf(message: Buffer): Fields {
  const fields = new Map<number, (number | Buffer)[]>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number) => {
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = varint();
    const read = [
      varint,
      () => take(8).readDoubleLE(),
      () => take(varint()),
      undefined,
      undefined,
      () => take(4).readFloatLE(),
    ][tag & 7];
    if (!read) throw new Error(`A field of an unknown kind: ${tag & 7}`);
    const value = read();
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value]);
  }
  return fields;
}
