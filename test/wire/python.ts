import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const REQUIREMENTS = fileURLToPath(new URL('./python-requirements.txt', import.meta.url));

/** Why Python cannot be used here; undefined where it can. */
export async function pythonMissing(): Promise<string | undefined> {
  try {
    await run('python3', ['-c', 'import ensurepip, venv']);
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return absent ? 'there is no python3' : 'python3 has no venv module (install python3-venv)';
  }
}

/** The path of a Python that has the safetensors package. */
export async function pythonWithSafetensors(): Promise<string> {
  return pythonWith('safetensors', REQUIREMENTS);
}

/**
 * A virtual environment with pinned packages, made once in a clone and again when the pins change. A
 * marker, written last, says that it is whole.
 *
 * @param name its own name among such environments
 * @param requirements the path of a file of pins
 * @returns the path of its Python
 */
export async function pythonWith(name: string, requirements: string): Promise<string> {
  const folder = join(ROOT, '.cache', `venv-${name}`);
  const python = join(folder, 'bin', 'python');
  const marker = join(folder, 'requirements.sha256');
  const wanted = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex');
  if ((await readFile(marker, 'utf8').catch(() => '')) === wanted) return python;
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(ROOT, '.cache'), { recursive: true });
  await run('python3', ['-m', 'venv', folder]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--no-input', '-r', requirements]);
  await writeFile(marker, wanted);
  return python;
}

/** Run a script of this folder. @returns what it printed */
export async function runScript(python: string, script: string, ...args: string[]) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await run(python, [path, ...args], { maxBuffer: 1 << 26 });
  return stdout;
}
