import { expect, it } from 'vitest';
import { z } from 'zod';
import { problemsOf } from '../../lib/run/record/problems.ts';

const schema = z.strictObject({ batch: z.number() });

function problems(values: object): string[] {
  const { error } = schema.safeParse(values);
  return problemsOf(error as z.ZodError, values);
}

it('says what is wrong with a value that no JSON can be made of', () => {
  const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));

  expect(problems({ batch: deep })).toEqual(['batch (nested too deeply): must be a number']);
});

it('does not repeat all of what is long', () => {
  const [long = ''] = problems({ batch: 'x'.repeat(1_000_000) });
  const [unknown = ''] = problems({ batch: 1, ['x'.repeat(1_000_000)]: 1 });

  expect(long).toMatch(/^batch x{200}\.\.\.: must be a number$/);
  expect(unknown).toMatch(/^x{200}\.\.\.: unknown setting$/);
});
