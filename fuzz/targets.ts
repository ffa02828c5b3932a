import type { Target } from './target.ts';
import { generatorTargets } from './targets-generators.ts';
import { imageTargets } from './targets-images.ts';
import { messageTargets } from './targets-messages.ts';
import { nameTargets } from './targets-names.ts';
import { objectTargets } from './targets-objects.ts';
import { pictureTargets } from './targets-pictures.ts';
import { programTargets } from './targets-programs.ts';
import { tensorTargets } from './targets-tensors.ts';

/** Every parser of bytes or text from outside. */
export const targets: readonly Target[] = [
  ...messageTargets,
  ...tensorTargets,
  ...generatorTargets,
  ...objectTargets,
  ...nameTargets,
  ...imageTargets,
  ...pictureTargets,
  ...programTargets,
];
