/** A `.npy` file of float32, read by NumPy's description of the format. */
export function readNpy(file: Buffer): { shape: number[]; values: Float32Array } {
  if (file.toString('latin1', 0, 6) !== '\u0093NUMPY') throw new Error('No .npy file');
  if (file[6] !== 1 || file[7] !== 0) throw new Error(`Version ${file[6]}.${file[7]}`);
  const start = 10 + file.readUInt16LE(8);
  const header = file.toString('latin1', 10, start);
  if (start % 64 !== 0 || !header.endsWith('\n')) throw new Error('The header is not padded');
  const pattern = /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(([\d, ]+)\), \} *\n$/;
  const shape = pattern.exec(header)?.[1]?.split(',').map(Number);
  if (!shape) throw new Error(`The header says ${header}`);
  const bytes = Uint8Array.from(file.subarray(start));
  return { shape, values: new Float32Array(bytes.buffer) };
}
