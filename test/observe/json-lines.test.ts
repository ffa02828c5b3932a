import { describe, expect, it } from 'vitest';
import { metricsLine } from '../../lib/observe/json-lines.ts';
import { iterationReport } from './support.ts';

describe('metricsLine', () => {
  it('has exactly the documented keys, in their order', () => {
    const line = metricsLine(iterationReport(3));

    expect(line).toBe(
      '{"iteration":3,"gCost":0.75,"dCost":1.25,"maxPixel":3.5,"dFake":0.375,"dReal":0.625,"ms":48.125}',
    );
  });

  it("puts another program's metrics last and leaves out what it lacks", () => {
    const line = metricsLine(iterationReport(0, { metrics: { penalty: 1, dCost: 2 } }));

    expect(line).toBe('{"iteration":0,"dCost":2,"ms":48.125,"penalty":1}');
  });

  it('names numbers that JSON cannot hold', () => {
    const metrics = { gCost: Number.NaN, dCost: Number.POSITIVE_INFINITY };

    const line = metricsLine(iterationReport(0, { metrics }));

    expect(line).toBe('{"iteration":0,"gCost":"NaN","dCost":"Infinity","ms":48.125}');
  });
});
