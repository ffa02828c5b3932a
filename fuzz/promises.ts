import assert from 'node:assert/strict';

/** Values that JSON can hold, in objects of no other kind than its own. */
export function assertPlain(value: unknown): void {
  const left = [value];
  while (left.length > 0) {
    const at = left.pop();
    if (typeof at !== 'object' || at === null) continue;
    const prototype = Object.getPrototypeOf(at) as object | null;
    const known = [Object.prototype, Array.prototype, null].includes(prototype);
    assert(known, 'a parsed object has a prototype of its own');
    for (const member of Object.values(at)) if (typeof member === 'object') left.push(member);
  }
}

/** What was accepted is accepted again, as the same. */
export function assertStable<T>(parse: (text: string) => T, value: T): void {
  const text = textOf(value);
  if (text === undefined) return;
  assert.equal(textOf(parse(text)), text);
}

/**
 * JSON, with numbers that it does not have by their names, as Lambduel writes them; undefined for what
 * is nested more deeply than JSON can be written.
 */
function textOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_key, member: unknown) =>
      typeof member === 'number' && !Number.isFinite(member) ? String(member) : member,
    );
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
