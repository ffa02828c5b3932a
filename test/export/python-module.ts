import { execFileSync } from 'node:child_process';

/** A Python that may have TensorFlow and TensorBoard: `LAMBDUEL_TEST_PYTHON`, or the system's. */
export const PYTHON = process.env.LAMBDUEL_TEST_PYTHON ?? 'python3';

/** Whether it has a module. */
export function pythonHas(module: string): boolean {
  const script = `import importlib.util, sys; sys.exit(importlib.util.find_spec("${module}") is None)`;
  try {
    execFileSync(PYTHON, ['-c', script], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
