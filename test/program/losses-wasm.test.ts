import { describeLosses } from './losses-contract.ts';

describeLosses('wasm');
