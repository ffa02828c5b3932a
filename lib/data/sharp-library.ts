import type { Sharp, SharpOptions } from 'sharp';
import { LambduelError, messageOf } from '../errors.ts';

/** sharp's object for a picture that is to be decoded or encoded. */
export type OpenImage = (bytes: Buffer, options: SharpOptions) => Sharp;

/** What sharp may read. libvips can load many other formats, some of which read further files. */
const LOADERS = ['Png', 'Jpeg', 'Webp'].map((format) => `VipsForeignLoad${format}Buffer`);

/**
 * Load sharp, the library that decodes pictures. It is loaded only when a folder is imported or an
 * animation is written, which only the command line does. A function's bundle has neither sharp nor its libraries. Every loader
 * except those of PNG, JPEG and WebP is switched off for the process.
 *
 * @throws LambduelError when it is not installed for this machine
 */
export async function loadSharp(): Promise<OpenImage> {
  const { default: sharp } = await import('sharp').catch((cause: unknown) => {
    const [line = ''] = messageOf(cause).split('\n');
    throw new LambduelError(`The library that reads pictures cannot be loaded: ${line}`, {
      cause,
      hint: 'Install the packages again with `npm ci`, optional ones too; IDX files need no library.',
    });
  });
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS });
  sharp.cache(false); // each picture is decoded once
  return (bytes, options) => sharp(bytes, options);
}
