import type { Check, Deployment } from './finding.ts';

export type LambdaMemoryPort = {
  /** MiB of the largest function of this account and region (of as many as were looked at). */
  largestFunctionMiB(): Promise<number | undefined>;
  /**
   * Asks to give a function that does not exist this much memory, which can change nothing. MiB of the cap that Lambda
   * named; undefined where it named none, which proves nothing.
   */
  capFor(memoryMiB: number): Promise<number | undefined>;
};

/** What new accounts are capped at. AWS publishes neither this number nor a quota for it. */
export const newAccountMiB = 3008;

/** Where the memory is set, and to what. */
export const memoryWayOut = (memoryMiB: number): string =>
  `to keep it: custom.limits.lambda.memoryMiB: ${memoryMiB} in serverless.yml; for more, ask AWS Support to raise Lambda's 'function memory maximum'`;

/**
 * The memory of the processing function. New accounts may be capped at 3,008 MB without any quota that says so: only
 * Lambda's refusal does ("'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to
 * 3008"). A function of that size proves that there is no cap; a refusal proves that there is one.
 */
export const checkLambdaMemory = ({ lambdaMemoryMiB }: Deployment, port: LambdaMemoryPort): Check => ({
  name: 'Lambda memory',
  async look() {
    const wanted = `${lambdaMemoryMiB} MiB`;
    if (lambdaMemoryMiB <= newAccountMiB) return [{ status: 'ok', found: wanted }];
    const largest = await port.largestFunctionMiB();
    if (largest !== undefined && largest >= lambdaMemoryMiB) {
      return [{ status: 'ok', found: `${wanted}; a function here has ${largest}` }];
    }
    const cap = await port.capFor(lambdaMemoryMiB);
    if (cap !== undefined && cap < lambdaMemoryMiB) {
      return [
        {
          status: 'adjusted',
          found: `the account is capped at ${cap} MiB: the processing function gets that instead of ${wanted}, and larger jobs go to Batch`,
          wayOut: memoryWayOut(cap),
          adjustments: [{ kind: 'lambdaMemory', memoryMiB: cap }],
        },
      ];
    }
    return [
      {
        status: 'noted',
        found: `${wanted}; nothing shows whether this account may have it (new ones may be capped at ${newAccountMiB}). Where Lambda refuses, the deployment rolls back`,
        wayOut: memoryWayOut(newAccountMiB),
      },
    ];
  },
});
