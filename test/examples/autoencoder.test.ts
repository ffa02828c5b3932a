import { testExample } from './example.ts';

testExample('autoencoder', ['AE']);
