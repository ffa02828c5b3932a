import type { Sharp, SharpOptions } from 'sharp';

/** A picture to be decoded, as sharp makes it of a file's bytes. */
export type OpenImage = (bytes: Buffer, options: SharpOptions) => Sharp;

/** What sharp may read; libvips has loaders for many other formats, some of which read further files. */
const LOADERS = ['Png', 'Jpeg', 'Webp'].map((format) => `VipsForeignLoad${format}Buffer`);

/**
 * Load sharp, the library that decodes pictures. Loaded when a folder is imported and not before: only
 * the command line does so, and a function's bundle has neither sharp nor its libraries. Every loader
 * except those of PNG, JPEG and WebP is switched off for the process.
 */
export async function loadSharp(): Promise<OpenImage> {
  const { default: sharp } = await import('sharp');
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS });
  sharp.cache(false); // each picture is decoded once
  return (bytes, options) => sharp(bytes, options);
}
