import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** uPlot as text, to be put into a page. */
export interface ChartLibrary {
  readonly script: string;
  readonly style: string;
}

/** Read the chart library from the installed package: 51 kB and 2 kB. */
export async function readChartLibrary(): Promise<ChartLibrary> {
  const { resolve } = createRequire(import.meta.url);
  const [script, style] = await Promise.all([
    readFile(resolve('uplot/dist/uPlot.iife.min.js'), 'utf8'),
    readFile(resolve('uplot/dist/uPlot.min.css'), 'utf8'),
  ]);
  return { script, style };
}
