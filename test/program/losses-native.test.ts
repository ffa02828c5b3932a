import { describe } from 'vitest';
import { nativeIsInstalled } from '../../lib/backend/choose.ts';
import { describeLosses } from './losses-contract.ts';

describe.skipIf(!nativeIsInstalled())('where the native backend is installed,', () => {
  describeLosses('native');
});
