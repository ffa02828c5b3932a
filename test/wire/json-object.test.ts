import { expect, it } from 'vitest';
import { z } from 'zod';
import { InvalidDataError } from '../../lib/errors.ts';
import { jsonBytes, parseJsonObject } from '../../lib/wire/json-object.ts';

const schema = z.strictObject({ count: z.number() });

it('gives back what was written', () => {
  expect(parseJsonObject(schema, jsonBytes({ count: 3 }), 'k')).toEqual({ count: 3 });
});

it.each([
  { what: 'not JSON', bytes: Buffer.from('{"count":'), why: 'runs/x/meta.json is not JSON' },
  { what: 'of another form', bytes: jsonBytes({ count: 'x' }), why: 'count' },
  { what: 'of a wider form', bytes: jsonBytes({ count: 1, more: 2 }), why: 'more' },
])('names the object that is $what, and why', ({ bytes, why }) => {
  const act = () => parseJsonObject(schema, bytes, 'runs/x/meta.json');
  expect(act).toThrow(InvalidDataError);
  expect(act).toThrow(/^runs\/x\/meta\.json is not/);
  expect(act).toThrow(why);
});

it('does not repeat a megabyte of what it refuses', () => {
  const bytes = jsonBytes({ count: 1, ['x'.repeat(1_000_000)]: 2 });
  const act = () => parseJsonObject(schema, bytes, 'k');
  expect(act).toThrow(/^k is not valid: [\s\S]{3900,4100}$/);
});
