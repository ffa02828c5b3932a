import fc from 'fast-check';
import { anyBytes, damaged } from './byte-inputs.ts';

/** Values as JSON text that parsers stumble over, as they would be written by hand. */
const NASTY_VALUES = [
  ...['null', 'true', 'false', '0', '-0', '1', '-1', '0.5', '2', '64', '1e308', '1e999', '-1e999'],
  ...['9007199254740991', '9007199254740992', '9007199254740993', '4294967296', '1e-400', '1E+2'],
  ...['""', '"x"', '" "', '"0"', '"NaN"', '"Infinity"', '"-Infinity"', '"\\u0000"', '"\\ud800"'],
  ...['"../../../etc/passwd"', '"..\\\\.."', '"/"', '"runs/"', '"a\\nb"', '"\\u001b[31m"', '"ａ"'],
  ...['"20260131-235959-0a1b"', '"20260131-235959-0a1b\\n"', '"digits"', '"f16"', '"0123abcd"'],
  ...['"2026-01-31T23:59:59Z"', '"2026-02-30T23:59:59.000Z"', '"+275760-09-13T00:00:00Z"'],
  ...['[]', '{}', '[[]]', '[null]', '[1,2]', '[0,0]', '{"":null}', '{"length":-1}'],
  ...['{"__proto__":{"polluted":true}}', '{"constructor":{"prototype":{"polluted":true}}}'],
  ...['{"toString":null}', '{"toJSON":1}', '{"then":1}', '{"D":{"key":"k","crc32":"0123abcd"}}'],
];

/** Keys as JSON text. */
const NASTY_KEYS = [
  ...[
    '"__proto__"',
    '"\\u005f_proto__"',
    '"constructor"',
    '"prototype"',
    '"toString"',
    '"valueOf"',
  ],
  ...['"hasOwnProperty"', '"then"', '"toJSON"', '"length"', '"__metadata__"', '"0"', '"-1"', '""'],
  ...['" "', '"\\ud800"', '"\\u0000"', '"format"', '"kind"', '"action"', '"D"', '"D.w1"'],
];

/** Arrays or objects in one another, closed or not; seldom deep enough to fill a call stack. */
const nested = fc
  .tuple(
    fc.constantFrom(
      ['[', ']'] as const,
      ['{"a":', '}'] as const,
      ['[{"__proto__":', '}]'] as const,
    ),
    fc.oneof(
      { weight: 30, arbitrary: fc.nat(40) },
      { weight: 1, arbitrary: fc.integer({ min: 1000, max: 12_000 }) },
    ),
    fc.boolean(),
  )
  .map(
    ([[open, close], depth, closed]) =>
      `${open.repeat(depth)}0${closed ? close.repeat(depth) : ''}`,
  );

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.nat(0xffff), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
);

const anyValue = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...NASTY_VALUES) },
  { weight: 4, arbitrary: fc.double().map((value) => JSON.stringify(value)) },
  { weight: 3, arbitrary: fc.integer().map(String) },
  { weight: 3, arbitrary: anyText.map((text) => JSON.stringify(text)) },
  { weight: 2, arbitrary: fc.json({ maxDepth: 2 }) },
  { weight: 1, arbitrary: nested },
  { weight: 1, arbitrary: fc.nat(3000).map((length) => JSON.stringify('a'.repeat(length))) },
);

const anyKey = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NASTY_KEYS) },
  { weight: 1, arbitrary: anyText.map((text) => JSON.stringify(text)) },
);

const anyEdit = fc.record({
  kind: fc.constantFrom('replace', 'add', 'remove', 'repeat'),
  at: fc.nat(),
  key: anyKey,
  value: anyValue,
});

type Edit = typeof anyEdit extends fc.Arbitrary<infer Value> ? Value : never;
type Container = Record<string, unknown>;

/** Valid documents with up to three values replaced, added, removed, or there twice. */
export function damagedJson(documents: readonly object[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...documents), fc.array(anyEdit, { maxLength: 3 }))
    .map(([document, edits]) => render(document, edits));
}

/** Any text, and what comes near these documents. */
export function jsonNear(documents: readonly object[]): fc.Arbitrary<string> {
  const valid = documents.map((document) => Buffer.from(JSON.stringify(document)));
  return fc.oneof(
    { weight: 12, arbitrary: damagedJson(documents) },
    { weight: 4, arbitrary: damaged(valid).map((bytes) => Buffer.from(bytes).toString('utf8')) },
    { weight: 1, arbitrary: anyText },
    { weight: 1, arbitrary: anyBytes.map((bytes) => Buffer.from(bytes).toString('utf8')) },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: nested },
  );
}

/** The same, as an object's bytes. */
export function jsonBytesNear(documents: readonly object[]): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    { weight: 15, arbitrary: jsonNear(documents).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: anyBytes },
  );
}

/** About what a message, an invocation or a header of safetensors may have. */
export const MESSAGE_BYTES = 1_000_000;
/** More than any object has that Lambduel writes as JSON. */
export const OBJECT_BYTES = 250_000;

/** Texts that are large or deep, for any parser of JSON; `within` puts a value into a document. */
export function jsonExtremes(
  within: (value: string) => string,
  bytes = MESSAGE_BYTES,
): Readonly<Record<string, () => string>> {
  const half = Math.floor(bytes / 2);
  return {
    'deep arrays': () => within('['.repeat(half) + ']'.repeat(half)),
    'deep arrays that do not end': () => '['.repeat(bytes),
    'deep objects': () => within('{"a":'.repeat(bytes / 6) + 0 + '}'.repeat(bytes / 6)),
    'many keys': () =>
      within(`{${Array.from({ length: bytes / 12 }, (_, i) => `"k${i}":0`).join()}}`),
    'many values': () => within(`[${'0,'.repeat(half)}0]`),
    'a long string': () => within(JSON.stringify('a'.repeat(bytes))),
    'a long number': () => within('1'.repeat(bytes)),
  };
}

/** Text in which chosen values have been replaced by others, whatever JSON says of them. */
function render(document: object, edits: readonly Edit[]): string {
  const copy = structuredClone(document) as Container;
  const raw: string[] = [];
  const mark = (text: string) => `@@${raw.push(text) - 1}@@`;
  for (const { kind, at, key, value } of edits) {
    const places = placesOf(copy);
    const place = places[at % Math.max(1, places.length)];
    if (!place) break;
    const { container, name } = place;
    if (kind === 'remove') delete container[name];
    else if (kind === 'replace') container[name] = mark(value);
    else if (kind === 'repeat') container[mark(JSON.stringify(name))] = mark(value);
    else container[mark(key)] = mark(value);
  }
  return JSON.stringify(copy).replaceAll(/"@@(\d+)@@"/g, (_, i: string) => raw[Number(i)] ?? '');
}

/** Every member of every object and array. */
function placesOf(value: unknown): { container: Container; name: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const container = value as Container;
  return Object.keys(container).flatMap((name) => [
    { container, name },
    ...placesOf(container[name]),
  ]);
}
