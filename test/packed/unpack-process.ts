import { unpackLibrary } from '../../lib/packed/unpack.ts';

/** Unpacks a library, and says where it is or why it is not. */
const [archive = '', parent = ''] = process.argv.slice(2);
try {
  process.stdout.write((await unpackLibrary(archive, parent)).folder);
} catch (error) {
  const { message, hint } = error as Error & { hint?: string };
  process.stderr.write(`${message}. ${hint}`);
  process.exitCode = 1;
}
