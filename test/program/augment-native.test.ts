import { describe } from 'vitest';
import { nativeIsInstalled } from '../../lib/backend/choose.ts';
import { describeAugmentation } from './augment-contract.ts';

describe.skipIf(!nativeIsInstalled())('where the native backend is installed,', () => {
  describeAugmentation('native');
});
