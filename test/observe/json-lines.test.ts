import { describe, expect, it } from 'vitest';
import { metricsLine } from '../../lib/observe/json-lines.ts';
import { declaredMetrics } from '../../lib/observe/titled-metrics.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import { iterationReport, runConfig } from './support.ts';

const declared = declaredMetrics(builtInPrograms(), runConfig());

describe('metricsLine', () => {
  it('has exactly the documented keys, in their order', () => {
    const line = metricsLine(declared, iterationReport(3));

    expect(line).toBe(
      '{"iteration":3,"gCost":0.75,"dCost":1.25,"maxPixel":3.5,"dFake":0.375,"dReal":0.625,"ms":48.125}',
    );
  });

  it('puts metrics that no program declares last, and leaves out those that there are not', () => {
    const line = metricsLine(declared, iterationReport(0, { metrics: { penalty: 1, dCost: 2 } }));

    expect(line).toBe('{"iteration":0,"dCost":2,"ms":48.125,"penalty":1}');
  });

  it('has no metric before `ms` where the program is not known here', () => {
    const unknown = runConfig({ program: { name: 'unheard-of', settings: {} } });
    const line = metricsLine(declaredMetrics(builtInPrograms(), unknown), iterationReport(3));

    expect(line).toMatch(/^{"iteration":3,"ms":48.125,"dCost":1.25,/);
  });

  it('names numbers that JSON cannot hold', () => {
    const metrics = { gCost: Number.NaN, dCost: Number.POSITIVE_INFINITY };

    const line = metricsLine(declared, iterationReport(0, { metrics }));

    expect(line).toBe('{"iteration":0,"gCost":"NaN","dCost":"Infinity","ms":48.125}');
  });
});
