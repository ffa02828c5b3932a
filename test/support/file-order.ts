import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take half a minute or more, the longest first: begun last, one of them would run alone
 * at the end.
 */
const LONG = [
  'test/aws/end-to-end.test.ts',
  'test/chaos/embedded.test.ts',
  'test/cli/interruption.test.ts',
  'test/model/more-interleavings.test.ts',
  'test/model/interleavings.test.ts',
  'test/cli/reference.test.ts',
  'test/cli/train.test.ts',
  'test/chaos/aws.test.ts', // waits until the first has done with their stack
];

/**
 * Long files first; then the others that have a process of their own; last those that share
 * processes, which they do only if they come one after another.
 */
export class FileOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const long = LONG.findIndex((name) => moduleId.endsWith(name));
      if (long >= 0) return long;
      return project.config.isolate === false ? LONG.length + 1 : LONG.length;
    };
    const byName = (a: TestSpecification, b: TestSpecification) =>
      a.moduleId < b.moduleId ? -1 : 1;
    return [...files].sort((a, b) => rank(a) - rank(b) || byName(a, b));
  }
}
