import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { type AssetImageCode, Code } from 'aws-cdk-lib/aws-lambda';
import { packageClosure } from './package-closure.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Make the folder that `functions/worker.Dockerfile` is built in, beside that of the bundled
 * worker. It holds only what the image is made from, so that the image is built again only when
 * that changes.
 *
 * @param worker the folder of the bundled worker
 */
export function stageWorkerImage(worker: string): string {
  const folder = `${worker}-image`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(ROOT, 'functions', 'worker.Dockerfile'), join(folder, 'Dockerfile'));
  cpSync(join(ROOT, '.npmrc'), join(folder, '.npmrc'));
  cpSync(worker, join(folder, 'function'), { recursive: true });
  const lockfile = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
  const files = packageClosure(lockfile, '@tensorflow/tfjs-node');
  writeFileSync(join(folder, 'package.json'), files.packageJson);
  writeFileSync(join(folder, 'package-lock.json'), files.lockfile);
  return folder;
}

/**
 * The image of such a folder. CDK builds it with Docker at deployment, not at synthesis.
 *
 * @param module whose `handler` is called
 */
export function workerImageCode(folder: string, module: string): AssetImageCode {
  return Code.fromAssetImage(folder, {
    platform: Platform.LINUX_AMD64,
    cmd: [`${module}.handler`],
  });
}
