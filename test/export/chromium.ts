import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** A Chromium: `CHROME_PATH`, or the first of these names that starts. */
export function findChromium(env = process.env): string | undefined {
  const candidates = env.CHROME_PATH ? [env.CHROME_PATH] : NAMES;
  return candidates.find(
    (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
  );
}

/**
 * Open a page in a headless Chromium, which is ended with the test.
 *
 * @param profile an empty folder
 * @returns never, unless the browser ends by itself
 * @throws Error with what it said, when it does
 */
export async function openPage(chromium: string, address: string, profile: string): Promise<never> {
  // The sandbox does not start for root, as in containers. The page is the test's own. Without a GPU
  // TensorFlow.js computes on its CPU backend, the same on every machine.
  const args = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    `--user-data-dir=${profile}`,
    address,
  ];
  // A group of its own, so that all its processes can be ended.
  const browser = spawn(chromium, args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  const gone = once(browser, 'exit');
  onTestFinished(async () => {
    if (browser.exitCode === null && browser.pid) process.kill(-browser.pid, 'SIGKILL');
    await gone;
  });
  let said = '';
  browser.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const [code] = await gone;
  throw new Error(`${chromium} ended with ${code}: ${said}`);
}
