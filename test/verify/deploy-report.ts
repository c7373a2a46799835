/** Checks in their order: each builds on those before it. */
export type Checks = [what: string, run: () => Promise<unknown>][];

/** One line a check, as it ends; `say` writes a line that is no check. */
export const startReport = () => {
  const counts = { passed: 0, failed: 0 };
  const say = (text: string): void => {
    process.stdout.write(`${text}\n`);
  };
  return {
    counts,
    say,
    /** Runs checks, each of which passes unless it throws; what one returns as text is written beside it. */
    async run(checks: Checks): Promise<void> {
      for (const [what, check] of checks) {
        const begun = performance.now();
        try {
          const found = await check();
          counts.passed += 1;
          const seconds = ((performance.now() - begun) / 1000).toFixed(1);
          say(`ok    ${what}${typeof found === 'string' ? `: ${found}` : ''} (${seconds} s)`);
        } catch (error) {
          counts.failed += 1;
          say(`FAIL  ${what}\n      ${error instanceof Error ? error.message : error}`);
        }
      }
    },
  };
};
