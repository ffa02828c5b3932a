import { describeDcgan } from './dcgan-contract.ts';

describeDcgan('wasm');
