import { closeSync, openSync, readSync } from 'node:fs';

const SHT_GNU_VERNEED = 0x6ffffffe;

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  /** The number of the section that has its texts. */
  readonly link: number;
  /** How many entries it has. */
  readonly info: number;
}

/** The versions of symbols that a 64-bit ELF file asks other libraries for, such as `GLIBC_2.14`. */
export function neededVersions(path: string): string[] {
  const file = openSync(path, 'r');
  try {
    const sections = readSections(file);
    const needs = sections.find(({ type }) => type === SHT_GNU_VERNEED);
    const texts = sections[needs?.link ?? -1];
    if (!needs || !texts) throw new Error(`${path} names no versions`);
    return versionsOf(
      read(file, needs.offset, needs.size),
      needs.info,
      read(file, texts.offset, texts.size),
    );
  } finally {
    closeSync(file);
  }
}

function readSections(file: number): Section[] {
  const header = read(file, 0, 64);
  if (header.toString('latin1', 0, 4) !== '\x7fELF') throw new Error('it is no ELF file');
  const [size, count] = [header.readUInt16LE(0x3a), header.readUInt16LE(0x3c)];
  const table = read(file, Number(header.readBigUInt64LE(0x28)), size * count);
  return Array.from({ length: count }, (_, i) => {
    const entry = table.subarray(i * size);
    return {
      type: entry.readUInt32LE(4),
      offset: Number(entry.readBigUInt64LE(0x18)),
      size: Number(entry.readBigUInt64LE(0x20)),
      link: entry.readUInt32LE(0x28),
      info: entry.readUInt32LE(0x2c),
    };
  });
}

/** An entry for each library, each with a list of versions. */
function versionsOf(needs: Buffer, libraries: number, texts: Buffer): string[] {
  const versions: string[] = [];
  for (let library = 0, at = 0; library < libraries; library++) {
    let version = at + needs.readUInt32LE(at + 8);
    for (let i = 0; i < needs.readUInt16LE(at + 2); i++) {
      const name = needs.readUInt32LE(version + 8);
      versions.push(texts.toString('latin1', name, texts.indexOf(0, name)));
      version += needs.readUInt32LE(version + 12);
    }
    at += needs.readUInt32LE(at + 12);
  }
  return versions;
}

function read(file: number, offset: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  readSync(file, bytes, 0, size, offset);
  return bytes;
}
