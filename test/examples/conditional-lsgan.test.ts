import { testExample } from './example.ts';

testExample('conditional-lsgan', ['D', 'G']);
