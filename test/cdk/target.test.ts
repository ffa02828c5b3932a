import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { queuePrefix } from '../../cdk/queue-prefix.ts';
import { isLocalEndpoint, planWorkers, type Target, unpacksLibrary } from '../../cdk/target.ts';

const AWS: Target = { local: false, nativeInstalled: true };
const LOCAL: Target = { local: true, nativeInstalled: true };
const LOCAL_WITHOUT: Target = { local: true, nativeInstalled: false };

const NATIVE_ZIP = { backend: 'native', packaging: 'zip' } as const;
const NATIVE_IMAGE = { backend: 'native', packaging: 'image' } as const;
const WASM = { backend: 'wasm', packaging: 'zip' } as const;

describe('the workers', () => {
  it.each([
    [AWS, {}, NATIVE_ZIP],
    [AWS, { backend: 'native' }, NATIVE_ZIP],
    [AWS, { packaging: 'image' }, NATIVE_IMAGE],
    [AWS, { backend: 'wasm' }, WASM],
    [AWS, { backend: 'wasm', packaging: 'image' }, WASM],
    [LOCAL, {}, NATIVE_ZIP],
    [LOCAL, { backend: 'native' }, NATIVE_ZIP],
    [LOCAL, { backend: 'wasm' }, WASM],
    [LOCAL_WITHOUT, {}, WASM],
    [LOCAL_WITHOUT, { backend: 'native' }, NATIVE_ZIP],
  ] as const)('on %j, asked for %j, are %j', (target, wanted, plan) => {
    expect(planWorkers({ packaging: 'zip', ...wanted }, target)).toEqual(plan);
  });

  it('do not depend on what the machine has, on AWS', () => {
    const without = { ...AWS, nativeInstalled: false };
    const wanted = { packaging: 'zip' } as const;
    expect(planWorkers(wanted, without)).toEqual(planWorkers(wanted, AWS));
  });

  it('are no image on LocalStack, which says so', () => {
    expect(() => planWorkers({ packaging: 'image' }, LOCAL)).toThrow(
      'LocalStack runs functions as processes, and cannot run an image',
    );
  });

  it('unpack a library if it is in their zip', () => {
    expect([NATIVE_ZIP, NATIVE_IMAGE, WASM].map(unpacksLibrary)).toEqual([true, false, false]);
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
