import { testExample } from './example.ts';

testExample('points', ['D', 'G']);
