import type { Reporter, TestModule } from 'vitest/node';

/** Prints the one line that scripts read, last: `N passed, N failed`, and the skipped ones by name. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[] = []): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter(
      (module) => module.state() === 'failed' && module.children.allTests('failed').next().done,
    );
    const skipped = tests.filter((test) => test.result().state === 'skipped');
    for (const test of skipped) console.log(`skipped: ${test.fullName}`);
    const failed = count('failed') + count('pending') + broken.length + unhandledErrors.length;
    const tail = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
    console.log(`${count('passed')} passed, ${failed} failed${tail}`);
  }
}
