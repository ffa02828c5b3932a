import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidDataError } from '../../lib/errors.ts';
import {
  decodeSqsMessage,
  decodeSqsText,
  encodeSqsMessage,
  encodeSqsText,
  MAX_MESSAGE_BYTES,
  maxPayloadBytes,
  sqsBytes,
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
  it('is decoded to what was encoded, and has only what SQS takes', () => {
    fc.assert(
      fc.property(anyText, anyPayload, (body, payload) => {
        const content = encodeSqsMessage(payload ? { body, payload } : { body });
        expect(content.MessageBody.length).toBeGreaterThan(0);
        expect([...content.MessageBody].every(isTaken)).toBe(true);
        const { payload: attribute } = content.MessageAttributes ?? {};
        expect(attribute?.BinaryValue?.length).not.toBe(0);
        const decoded = decodeSqsMessage(content);
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
        expect(encodeSqsMessage({ body })).toEqual({ MessageBody: body });
        expect(decodeSqsMessage({ MessageBody: body })).toEqual({ body });
      }),
    );
  });

  it('has its payload as an attribute', () => {
    const payload = Uint8Array.of(1, 2, 3, 4);
    expect(encodeSqsMessage({ body: '{"a":1}', payload })).toEqual({
      MessageBody: '{"a":1}',
      MessageAttributes: { payload: { DataType: 'Binary', BinaryValue: payload } },
    });
  });

  it.each([
    ['another name', { bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(1) } }],
    ['another type', { payload: { DataType: 'String', StringValue: 'AQ==' } }],
    ['no value', { payload: { DataType: 'Binary' } }],
  ])('has no payload where the attribute has %s', (_, MessageAttributes) => {
    expect(decodeSqsMessage({ MessageBody: '{}', MessageAttributes })).toEqual({ body: '{}' });
  });

  it.each([
    ['that is no JSON', '#"a'],
    ['that is no string', '#1'],
    ['that is marked alone', '#'],
  ])('is handed on with a text %s', (_, text) => {
    expect(() => decodeSqsText(text)).toThrow(InvalidDataError);
    expect(decodeSqsMessage({ MessageBody: text })).toEqual({ body: text });
  });

  it('has a text that is decoded or refused, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(anyText, fc.string({ unit: fc.constantFrom(...'#"\n=Aa{}') })),
        (text) => {
          try {
            const decoded = decodeSqsText(text);
            expect(decodeSqsText(encodeSqsText(decoded))).toBe(decoded);
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
          sqsBytes(encodeSqsMessage({ body, payload: new Uint8Array(bytes) }));
        expect(size(maxPayloadBytes(bodyBytes))).toBe(MAX_MESSAGE_BYTES);
        expect(size(maxPayloadBytes(bodyBytes) + 1)).toBe(MAX_MESSAGE_BYTES + 1);
      }),
      { numRuns: 20 },
    );
  });

  it('takes the gradients of both networks in half floats, and none beside too long a text', () => {
    expect(maxPayloadBytes(4000)).toBeGreaterThan(2 * 354_784);
    expect(maxPayloadBytes(MAX_MESSAGE_BYTES)).toBe(0);
  });
});
