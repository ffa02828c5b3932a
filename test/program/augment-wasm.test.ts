import { describeAugmentation } from './augment-contract.ts';

describeAugmentation('wasm');
