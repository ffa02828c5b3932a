import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidDataError } from '../../lib/errors.ts';
import {
  decodeSqsBody,
  encodeSqsBody,
  MAX_MESSAGE_BYTES,
  maxPayloadBytes,
  messageFrom,
} from '../../lib/queue/sqs-message.ts';

/** Any text that JavaScript can hold: control characters, halves of surrogate pairs. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.string().map((text) => `#${text}`),
  fc.json(),
);
const anyPayload = fc.option(fc.uint8Array({ maxLength: 200 }), { nil: undefined });

/** The characters that SQS takes, as its documentation says it. */
const TAKEN = [
  [0x9, 0xa],
  [0xd, 0xd],
  [0x20, 0xd7ff],
  [0xe000, 0xfffd],
  [0x10000, 0x10ffff],
] as const;

function isTaken(character: string): boolean {
  const point = character.codePointAt(0) ?? 0;
  return TAKEN.some(([first, last]) => first <= point && point <= last);
}

describe('a message as SQS carries it', () => {
  it('is decoded to what was encoded, and has only characters that SQS takes', () => {
    fc.assert(
      fc.property(anyText, anyPayload, (body, payload) => {
        const text = encodeSqsBody(payload ? { body, payload } : { body });
        expect(text.length).toBeGreaterThan(0);
        expect([...text].every(isTaken)).toBe(true);
        const decoded = decodeSqsBody(text);
        expect(decoded.body).toBe(body);
        expect(decoded.payload && [...decoded.payload]).toEqual(payload && [...payload]);
      }),
      { numRuns: 1000 },
    );
  });

  it('is its text where it has no payload, and what other tools send is a message', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const body = JSON.stringify(value, null, 2).replace(/[\u007f-\uffff]/g, 'x');
        expect(encodeSqsBody({ body })).toBe(body);
        expect(decodeSqsBody(body)).toEqual({ body });
      }),
    );
  });

  it('begins with the payload where it has one', () => {
    const payload = Uint8Array.of(1, 2, 3, 4);
    expect(encodeSqsBody({ body: '{"a":1}', payload })).toBe('#AQIDBA==\n{"a":1}');
    expect(encodeSqsBody({ body: '{}', payload: payload.subarray(1, 3) })).toBe('#AgM=\n{}');
    expect(encodeSqsBody({ body: '', payload: new Uint8Array() })).toBe('#\n#""');
  });

  it.each([
    ['a payload that does not end', '#AQID'],
    ['a payload that is no base64', '#AQ!DBA==\n{}'],
    ['a payload that was cut off', '#AQIDB\n{}'],
    ['a payload with a hole', '#AQ==AQID\n{}'],
    ['padding alone', '#====\n{}'],
    ['a text that is no JSON', '#"a'],
    ['a text that is no string', '#AQID\n#1'],
    ['two payloads', '#AQID\n#AQID\n{}'],
  ])('is refused with %s', (_, text) => {
    expect(() => decodeSqsBody(text)).toThrow(InvalidDataError);
    expect(messageFrom(text)).toEqual({ body: text });
  });

  it('is decoded or refused, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(anyText, fc.string({ unit: fc.constantFrom(...'#"\n=Aa{}') })),
        (text) => {
          try {
            expect(typeof decodeSqsBody(text).body).toBe('string');
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidDataError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('the largest payload', () => {
  it('fills a message beside its text, and one byte more is too much', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), (bodyBytes) => {
        const body = 'x'.repeat(bodyBytes);
        const size = (bytes: number) =>
          encodeSqsBody({ body, payload: new Uint8Array(bytes) }).length;
        expect(size(maxPayloadBytes(bodyBytes))).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
        expect(size(maxPayloadBytes(bodyBytes) + 1)).toBeGreaterThan(MAX_MESSAGE_BYTES);
      }),
      { numRuns: 20 },
    );
  });

  it('takes the gradients of both networks in half floats, and none beside too long a text', () => {
    expect(maxPayloadBytes(4000)).toBeGreaterThan(2 * 354_784);
    expect(maxPayloadBytes(MAX_MESSAGE_BYTES)).toBe(0);
  });
});
