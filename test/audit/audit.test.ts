import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openAdvisories, readAudit } from '../../audit/advisories.ts';
import { ADVISORY_EXCEPTIONS, LICENCE_EXCEPTIONS } from '../../audit/exceptions.ts';
import { refusedLicences } from '../../audit/licences.ts';
import { isAllowed } from '../../audit/spdx.ts';
import { ROOT } from '../support/imports.ts';
import { TSX_ARGUMENTS } from '../support/processes.ts';

const run = promisify(execFile);
const LIMIT_MS = 180_000;

const audit = (...args: string[]) =>
  run(process.execPath, [...TSX_ARGUMENTS, join(ROOT, 'audit', 'main.ts'), ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );

it('checks what ships, and says whether advisories were checked', {
  timeout: LIMIT_MS,
}, async () => {
  const { code, stdout } = await audit('--strict');

  expect(stdout).toMatch(/^licences: \d{2,} packages ship: MIT \d+, /);
  expect(stdout).toMatch(/^licences: \d{2,} of them are in the functions' bundles: /m);
  expect(stdout).toMatch(/^licences: 0 not allowed/m);
  // What can be reached differs from machine to machine; what is said must not.
  expect(stdout).toMatch(
    /^advisories: (checked: \d+|NOT CHECKED: .* cannot be reached from here: .)/m,
  );
  const isFine = /^advisories: checked: \d+ high or critical, 0 of them open/m.test(stdout);
  expect(code).toBe(isFine ? 0 : 1);
});

it('refuses options that it does not know', async () => {
  const { code, stderr } = await audit('--quick');

  expect(stderr).toContain('usage: npm run audit [-- --strict]');
  expect(code).toBe(2);
});

describe('a licence', () => {
  const allowed = new Set(['MIT', 'ISC']);

  it.each([
    ['MIT', true],
    ['GPL-3.0-only', false],
    ['MIT OR GPL-3.0-only', true],
    ['(GPL-3.0-only OR ISC)', true],
    ['MIT AND GPL-3.0-only', false],
    ['(MIT AND ISC)', true],
    ['(MIT AND (GPL-2.0 OR ISC))', true],
    ['MIT AND ISC OR GPL-2.0', true],
    ['SEE LICENSE IN LICENSE.md', false],
    ['UNLICENSED', false],
    ['none', false],
    ['(MIT', false],
    ['MIT ISC', false],
    ['', false],
  ])('%s is allowed: %s', (expression, expected) => {
    expect(isAllowed(expression, allowed)).toBe(expected);
  });

  it('that is not allowed can have an exception, for one version', () => {
    const one = { place: 'node_modules/a', name: 'a', version: '1.0.0', dev: false, licence: 'X' };
    const exception = { package: 'a@1.0.0', licence: 'X', reason: 'because' };

    expect(refusedLicences([one])).toEqual([one]);
    expect(refusedLicences([one], [exception])).toEqual([]);
    expect(refusedLicences([{ ...one, version: '1.0.1' }], [exception])).toHaveLength(1);
  });
});

/** As `npm audit --json` writes it. */
const REPORT = {
  auditReportVersion: 2,
  vulnerabilities: {
    tar: {
      name: 'tar',
      via: [
        {
          name: 'tar',
          title: 'Bad',
          url: 'https://github.com/advisories/GHSA-1',
          severity: 'high',
        },
        {
          name: 'tar',
          title: 'Mild',
          url: 'https://github.com/advisories/GHSA-2',
          severity: 'low',
        },
      ],
    },
    'node-pre-gyp': { name: 'node-pre-gyp', via: ['tar'] },
  },
  metadata: {},
};

describe('advisories', () => {
  const bad = { id: 'GHSA-1', package: 'tar', severity: 'high', title: 'Bad' };

  it('are read, the serious ones once each', () => {
    expect(readAudit(JSON.stringify(REPORT), '')).toEqual({ checked: true, serious: [bad] });
  });

  it.each([
    ['{"message":"405 Method Not Allowed","error":{}}', '405 Method Not Allowed'],
    ['{}', 'npm audit wrote something else than a report'],
    ['', 'spawn npm ENOENT'],
  ])('were not checked when npm says %s', (output, why) => {
    expect(readAudit(output, 'spawn npm ENOENT')).toEqual({ checked: false, why });
  });

  it('are open unless there is an exception that still counts', () => {
    const exception = {
      advisory: 'GHSA-1',
      package: 'tar',
      reason: 'because',
      reviewBy: '2026-12-31',
    };

    expect(openAdvisories([bad], '2026-12-30', [])).toEqual([bad]);
    expect(openAdvisories([bad], '2026-12-30', [exception])).toEqual([]);
    expect(openAdvisories([bad], '2026-12-31', [exception])).toEqual([bad]);
  });
});

it('every exception says why, and when it is looked at again', () => {
  const exceptions = [...LICENCE_EXCEPTIONS, ...ADVISORY_EXCEPTIONS];
  expect(exceptions.filter(({ reason }) => reason.length <= 20)).toEqual([]);
  const isDay = ({ reviewBy }: { reviewBy: string }) => /^\d{4}-\d{2}-\d{2}$/.test(reviewBy);
  expect(ADVISORY_EXCEPTIONS.filter((exception) => !isDay(exception))).toEqual([]);
});
