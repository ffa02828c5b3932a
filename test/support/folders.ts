import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/**
 * New, empty folders for a test file's tests, gone when they are done. To be called at the top of a
 * test file or in a `describe`.
 */
export function testFolders(): () => Promise<string> {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'lambduel-test-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));
  return () => mkdtemp(join(root, 'f-'));
}
