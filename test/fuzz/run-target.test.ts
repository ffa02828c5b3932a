import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputRecord, lastKept } from '../../fuzz/record.ts';
import { runTarget } from '../../fuzz/run-target.ts';
import { textTarget } from '../../fuzz/target.ts';
import { InvalidDataError } from '../../lib/errors.ts';
import { testFolders } from '../support/folders.ts';

const newFolder = testFolders();

/** Fuzz a parser with a fault of its own. */
async function fuzzed(feed: (text: string) => void, extremes = {}) {
  const path = join(await newFolder(), 'input');
  const record = new InputRecord(path);
  const inputs = fc
    .array(fc.constantFrom('a', 'b', '\u{1f600}', '\ud800'))
    .map((all) => all.join(''));
  const target = textTarget({ name: 'x', inputs, extremes, refuses: [InvalidDataError], feed });
  const report = await runTarget(target, { runs: 2000, seed: 1 }, record, () => {});
  record.close();
  return { ...report, kept: lastKept(path) };
}

describe('a fault is found, with the smallest input that shows it:', () => {
  it('another error than those that are documented', async () => {
    const { finding } = await fuzzed((text) => {
      if (text.includes('b')) throw new TypeError('oh');
    });

    expect(finding).toEqual({ why: 'oh', seed: 1, input: { hex: '62', encoding: 'utf-8' } });
  });

  it('a prototype that is changed', async () => {
    const { finding } = await fuzzed((text) => {
      if (text.includes('b')) Object.assign(Object.prototype, { polluted: true });
    });
    Reflect.deleteProperty(Object.prototype, 'polluted');

    expect(finding?.why).toContain('prototype');
  });

  it('half a pair of surrogates, which UTF-8 does not have', async () => {
    const { finding } = await fuzzed((text) => {
      if (text.includes('\ud800')) throw new TypeError('oh');
    });

    expect(finding?.input).toEqual({ hex: '00d8', encoding: 'utf-16le' });
  });

  it('an error that repeats a megabyte, and memory without bound', async () => {
    const long = await fuzzed(() => {
      throw Object.assign(new InvalidDataError(''), { message: 'x'.repeat(1_000_000) });
    });
    const kept: Uint8Array[] = [];
    const large = await fuzzed((text) => void (text === 'large' && kept.push(filled())), {
      'a large one': () => 'large',
    });

    expect(long.finding?.why).toBe('what it says has 1000000 characters');
    expect(large.finding?.why).toMatch(/^it took \d+ MB, more than 128$/);
    expect(large.kept).toEqual({ extreme: 'a large one' });
  });
});

it('what is refused as documented is no finding', async () => {
  const report = await fuzzed((text) => {
    if (text.includes('a')) throw new InvalidDataError('no');
  });

  expect(report.finding).toBeNull();
  expect(report.accepted + report.rejected).toBe(report.inputs);
});

function filled(): Uint8Array {
  return new Uint8Array(200 * 2 ** 20).fill(1);
}
