// `npm run docs:architecture`: draws docs/architecture.svg from docs/architecture.dot.
import { readFile, writeFile } from 'node:fs/promises';
import { instance } from '@viz-js/viz';

/** @param {string} extension */
const file = (extension) => new URL(`../docs/architecture.${extension}`, import.meta.url);
const viz = await instance();
const svg = viz.renderString(await readFile(file('dot'), 'utf8'), { format: 'svg' });
// The size is left to the page.
await writeFile(file('svg'), svg.replace(/ width="\d+pt" height="\d+pt"/, ''));
