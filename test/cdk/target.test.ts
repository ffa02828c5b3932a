import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { queuePrefix } from '../../cdk/queue-prefix.ts';
import { isLocalEndpoint, planWorkers, type Target } from '../../cdk/target.ts';

const AWS: Target = { local: false, nativeInstalled: true };
const LOCAL: Target = { local: true, nativeInstalled: true };
const LOCAL_WITHOUT: Target = { local: true, nativeInstalled: false };

describe('the workers', () => {
  it.each([
    [AWS, undefined, { backend: 'native', packaging: 'image' }],
    [AWS, 'native', { backend: 'native', packaging: 'image' }],
    [AWS, 'wasm', { backend: 'wasm', packaging: 'zip' }],
    [LOCAL, undefined, { backend: 'native', packaging: 'zip' }],
    [LOCAL, 'native', { backend: 'native', packaging: 'zip' }],
    [LOCAL, 'wasm', { backend: 'wasm', packaging: 'zip' }],
    [LOCAL_WITHOUT, undefined, { backend: 'wasm', packaging: 'zip' }],
    [LOCAL_WITHOUT, 'native', { backend: 'native', packaging: 'zip' }],
  ] as const)('on %j, asked for %s, are %j', (target, wanted, plan) => {
    expect(planWorkers(wanted, target)).toEqual(plan);
  });

  it('do not depend on what the machine has, on AWS', () => {
    const without = { ...AWS, nativeInstalled: false };
    expect(planWorkers(undefined, without)).toEqual(planWorkers(undefined, AWS));
  });
});

describe('an endpoint', () => {
  it.each([
    'http://127.0.0.1:4566',
    'http://127.3.2.1:4566',
    'http://localhost:4566',
    'http://[::1]:4566',
    'http://localhost.localstack.cloud:4566',
    'https://s3.localhost.localstack.cloud:4566',
  ])('%s is a LocalStack', (endpoint) => {
    expect(isLocalEndpoint(endpoint)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'localhost',
    'https://s3.eu-west-1.amazonaws.com',
    'https://vpce-1.s3.eu-west-1.vpce.amazonaws.com',
    'http://localhost.example.org',
    'http://127.0.0.1.example.org',
    'http://1127.0.0.1.org',
  ])('%s is none', (endpoint) => {
    expect(isLocalEndpoint(endpoint)).toBe(false);
  });
});

describe("a stack's prefix of queue names", () => {
  const names = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,127}$/);

  it('leaves room for the rest of the name, has its characters, and ends in "-"', () => {
    fc.assert(
      fc.property(names, (name) => {
        expect(queuePrefix(name)).toMatch(/^[A-Za-z0-9-]{2,39}-$/);
      }),
    );
  });

  it('is no beginning of another stack’s queues, however alike the names', () => {
    fc.assert(
      fc.property(names, fc.constantFrom('-replies', '-', '-2', 'x'.repeat(100)), (name, more) => {
        const [one, other] = [queuePrefix(name), queuePrefix(name + more)];
        expect(`${other}replies-`.startsWith(`${one}replies-`)).toBe(false);
        expect(`${one}replies-`.startsWith(`${other}replies-`)).toBe(false);
      }),
    );
  });
});
