import { expect, it } from 'vitest';
import { covers, decide, type Request, type Statement } from './policy.ts';

const read: Statement = { Effect: 'Allow', Action: 's3:Get*', Resource: 'arn:aws:s3:::b/runs/*' };
const request: Request = {
  principal: 'arn:aws:iam::111122223333:role/r',
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::b/runs/1/head.json',
};

it('denies what nobody allows', () => {
  expect(decide([], request)).toBe('denied');
  expect(decide([read], { ...request, action: 's3:PutObject' })).toBe('denied');
  expect(decide([read], { ...request, resource: 'arn:aws:s3:::c/runs/1' })).toBe('denied');
  expect(decide([read], request)).toBe('allowed');
});

it('denies what a statement denies, whatever allows it', () => {
  const no: Statement = { Effect: 'Deny', Action: '*', Resource: '*', Principal: '*' };
  expect(decide([read, no], request)).toBe('denied by a statement');
});

it.each([
  ['runs/*/weights/*', 'runs/1/weights/D/7', true],
  ['runs/*/weights/*', 'runs/1/2/weights/D', true],
  ['runs/?/head', 'runs/1/head', true],
  ['runs/?/head', 'runs/12/head', false],
  ['a.b', 'axb', false],
  ['a+b', 'a+b', true],
  ['runs', 'runs/1', false],
])('%s covers %s: %s', (pattern, text, covered) => {
  expect(covers(pattern, text)).toBe(covered);
});

it.each([
  [{ Bool: { 'aws:SecureTransport': 'false' } }, { 'aws:SecureTransport': 'false' }, true],
  [{ Bool: { 'aws:SecureTransport': 'false' } }, { 'aws:SecureTransport': 'true' }, false],
  [{ Bool: { 'aws:SecureTransport': 'false' } }, {}, false],
  [{ NumericLessThan: { 's3:TlsVersion': 1.2 } }, { 's3:TlsVersion': '1.1' }, true],
  [{ NumericLessThan: { 's3:TlsVersion': 1.2 } }, { 's3:TlsVersion': '1.2' }, false],
  [{ StringLike: { 's3:prefix': ['a/*', 'b/*'] } }, { 's3:prefix': 'b/c' }, true],
  [{ StringLike: { 's3:prefix': ['a/*', 'b/*'] } }, { 's3:prefix': '' }, false],
  [{ StringEquals: { k: 'v' } }, { k: 'V' }, false],
])('condition %j in %j: %s', (Condition, context, fulfilled) => {
  const decision = decide([{ ...read, Condition } as Statement], { ...request, context });
  expect(decision).toBe(fulfilled ? 'allowed' : 'denied');
});

it('knows whom a statement is for', () => {
  const forService = { ...read, Principal: { Service: 'lambda.amazonaws.com' } };
  expect(decide([forService], request)).toBe('denied');
  expect(decide([forService], { ...request, principal: 'lambda.amazonaws.com' })).toBe('allowed');
  expect(decide([{ ...read, Principal: { AWS: '*' } }], request)).toBe('allowed');
});

it('refuses to judge what it does not know', () => {
  const { Resource: _, ...rest } = read;
  const other = { ...rest, NotResource: 'x' } as unknown as Statement;
  expect(() => decide([other], request)).toThrow('NotResource');
  const odd: Statement = { ...read, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } };
  const context = { 'aws:SourceIp': '10.0.0.1' };
  expect(() => decide([odd], { ...request, context })).toThrow('IpAddress');
});
