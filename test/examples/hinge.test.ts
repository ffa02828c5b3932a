import { testExample } from './example.ts';

testExample('hinge', ['D', 'G']);
