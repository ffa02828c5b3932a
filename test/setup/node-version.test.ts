import { expect, test } from 'vitest';
import { nodeVersionProblem } from '../../bin/setup.mjs';

test.each(['20.15.0', '20.20.2', '21.0.0', '22.99.1'])('Node %s will do', (version) => {
  expect(nodeVersionProblem(version)).toBeNull();
});

test.each([
  ['18.20.0', 'too old'],
  ['20.14.9', 'too old'],
  ['23.0.0', 'too new'],
  ['24.1.0', 'too new'],
])('Node %s is refused as %s, with what to install', (version, why) => {
  const problem = nodeVersionProblem(version);

  expect(problem?.message).toContain(why);
  expect(problem?.message).toContain(version);
  expect(problem?.remedy).toContain('Install Node.js 22');
});
