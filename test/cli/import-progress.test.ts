import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ImportProgress } from '../../lib/cli/import-progress.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

function streamOf(isTTY: boolean) {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY });
  return { stream, text: () => (stream.read() as string | null) ?? '' };
}

test('an import that is done within two seconds says nothing to a log', () => {
  const { stream, text } = streamOf(false);
  const progress = new ImportProgress(stream);

  vi.advanceTimersByTime(1999);
  progress.read(3, 3);
  progress.pack(3e6);
  progress.close();
  vi.advanceTimersByTime(60_000);

  expect(text()).toBe('');
});

test('a log gets a line every two seconds', () => {
  const { stream, text } = streamOf(false);
  const progress = new ImportProgress(stream);

  vi.advanceTimersByTime(2000);
  progress.read(1234, 50_000);
  vi.advanceTimersByTime(2000);
  progress.pack(614.4e6);
  vi.advanceTimersByTime(2000);
  progress.close();

  expect(text()).toBe(
    'Looking at the files, 0:02\nRead 1,234 of 50,000 images (2%), 0:04\nPacking 614 MB, 0:06\n',
  );
});

test('a terminal has one line, which is gone at the end', () => {
  const { stream, text } = streamOf(true);
  const progress = new ImportProgress(stream);

  progress.read(5, 10);
  vi.advanceTimersByTime(400);
  progress.close();

  const line = '\r\x1b[KRead 5 of 10 images (50%), 0:00';
  expect(text()).toBe(`${line}${line}\r\x1b[K`);
});
