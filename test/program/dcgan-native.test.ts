import { describe } from 'vitest';
import { nativeIsInstalled } from '../../lib/backend/choose.ts';
import { describeDcgan } from './dcgan-contract.ts';

describe.skipIf(!nativeIsInstalled())('where the native backend is installed,', () => {
  describeDcgan('native');
});
