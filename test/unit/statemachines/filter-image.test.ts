import { readFileSync } from 'node:fs';
import validate from 'asl-validator';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { containerNames, readJobFile } from '../../../aws/job-file.ts';
import { exitCodes } from '../../../containers/filter/exit-codes.ts';

const retrySchema = z.object({ MaxAttempts: z.number(), MaxDelaySeconds: z.number() });
const ruleSchema = z.record(z.string(), z.string());
const machineSchema = z.object({
  TimeoutSeconds: z.number(),
  States: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Resource: z.string().optional(),
      TimeoutSeconds: z.number().optional(),
      Retry: z.array(retrySchema).optional(),
      Parameters: z
        .looseObject({ RetryStrategy: z.object({ EvaluateOnExit: z.array(ruleSchema) }).optional() })
        .optional(),
    }),
  ),
});
const text = readFileSync(new URL('../../../statemachines/filter-image.asl.json', import.meta.url), 'utf8');
const machine = machineSchema.parse(JSON.parse(text));
const tasks = Object.values(machine.States).filter(({ Type }) => Type === 'Task');
const isJob = ({ Resource }: { Resource?: string }) => Resource === 'arn:aws:states:::batch:submitJob.sync';

describe('the definition', () => {
  it('is valid Amazon States Language', () => {
    const { isValid, errorsText } = validate(JSON.parse(text));
    expect(errorsText('\n')).toBe('');
    expect(isValid).toBe(true);
  });

  it('gives every task a time-out', () => {
    expect(tasks.length).toBe(4);
    for (const { TimeoutSeconds } of tasks) expect(TimeoutSeconds).toBeGreaterThan(0);
  });

  it('gives a job the time of all its attempts, and days to wait for vCPUs', async () => {
    const files = await Promise.all((await containerNames()).map((name) => readJobFile(name)));
    const longest = Math.max(
      ...files.map(({ timeoutSeconds, retryStrategy }) => timeoutSeconds * retryStrategy.attempts),
    );
    const days = 24 * 60 * 60;
    for (const { TimeoutSeconds } of tasks.filter(isJob))
      expect(TimeoutSeconds).toBeGreaterThanOrEqual(longest + 2 * days);
  });

  it('outlasts Spot, On-Demand, one of them again with more memory, and the settling, with every retry', () => {
    const worst = ({ TimeoutSeconds = 0, Retry = [] }: (typeof tasks)[number]) =>
      Retry.reduce((sum, { MaxAttempts, MaxDelaySeconds }) => sum + MaxAttempts * MaxDelaySeconds, TimeoutSeconds);
    const [job = 0] = tasks.filter(isJob).map(worst);
    const settling = tasks
      .filter((task) => !isJob(task))
      .map((task) => worst(task) + (task.TimeoutSeconds ?? 0) * (task.Retry?.[0]?.MaxAttempts ?? 0));
    expect(machine.TimeoutSeconds).toBeGreaterThanOrEqual(3 * job + Math.max(...settling));
  });

  it('retries on On-Demand as job.yml says for Spot, but for a lost host', async () => {
    const { evaluateOnExit = [] } = (await readJobFile('filter')).retryStrategy;
    const onSpot = evaluateOnExit.filter(({ onStatusReason }) => onStatusReason === undefined);
    const { EvaluateOnExit = [] } = machine.States['Filter on On-Demand']?.Parameters?.RetryStrategy ?? {};
    const lower = EvaluateOnExit.map((rule) =>
      Object.fromEntries(
        Object.entries(rule).map(([key, value]) => [key.replace(/^./, (c) => c.toLowerCase()), value]),
      ),
    );
    expect(lower).toEqual([
      { action: 'RETRY', onStatusReason: 'Host EC2*' },
      { action: 'RETRY', onExitCode: String(exitCodes.stopped) },
      ...onSpot,
    ]);
    expect(lower.length).toBeLessThanOrEqual(5);
  });

  // The embedded Step Functions gives every error a cause; AWS does not, and asking for what is not there ends an execution.
  it('asks whether a job failed before it looks at the cause, which a time-out may not have', () => {
    expect(machine.States['Did a job fail?']?.Choices).toMatchObject([
      { And: [{ Variable: '$.failure.Error', StringEquals: 'States.TaskFailed' }, { Variable: '$.failure.Cause' }] },
    ]);
  });

  it('knows the container’s exit codes', () => {
    for (const code of [exitCodes.tooLittleMemory, exitCodes.stopped])
      expect(text).toContain(`"NumericEquals": ${code} `);
  });
});
