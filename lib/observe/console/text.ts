import { stripVTControlCharacters } from 'node:util';
import type { Formatter } from 'picocolors/types.js';

/** Text of one style. Widths are counted on the text, so colours never disturb them. */
export interface Span {
  readonly text: string;
  readonly paint?: Formatter;
}

/** Text from outside as one line without control characters: it cannot move the cursor. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
}

/** Spans as one line of at most `width` columns; what does not fit is cut off with an ellipsis. */
export function fitLine(spans: readonly Span[], width: number): string {
  const total = spans.reduce((sum, { text }) => sum + textWidth(text), 0);
  if (total <= width) return spans.map(paint).join('');
  const kept: Span[] = [];
  let room = width - 1; // for the ellipsis
  if (room < 0) return '';
  for (const span of spans) {
    const text = cut(span.text, room);
    kept.push({ ...span, text });
    if (text !== span.text) break;
    room -= textWidth(text);
  }
  return `${kept.map(paint).join('')}…`;
}

/** At least as many columns as a text takes on a terminal. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function paint({ text, paint: style }: Span): string {
  return style && text !== '' ? style(text) : text;
}

function cut(text: string, room: number): string {
  let [kept, width] = ['', 0];
  for (const character of text) {
    width += characterWidth(character);
    if (width > room) break;
    kept += character;
  }
  return kept;
}

/** Every character that may be wide counts as wide, except punctuation and lines drawn here. */
function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  const narrow = code < 0x1100 || (code >= 0x2010 && code <= 0x2027) || isLine(code);
  return narrow ? 1 : 2;
}

function isLine(code: number): boolean {
  return code >= 0x2500 && code <= 0x259f;
}
