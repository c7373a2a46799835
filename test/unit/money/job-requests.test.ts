import { readFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import {
  dollarsOf,
  type JobShape,
  jobRequests,
  recordReads,
  recordWrites,
  workflowStates,
} from '../../../core/money/job-requests.ts';
import { listedPrices } from '../../../core/money/prices.ts';
import { processJob } from '../../../core/use-cases/process-job.ts';
import { makeScene, rejection } from '../../support/scene.ts';

const shape: JobShape = { target: 'lambda', outputs: 3, recordBytes: 2500, seconds: 10, leaseSeconds: 45 };

describe('jobRequests', () => {
  it('counts a short job on Lambda', () => {
    expect(jobRequests(shape)).toEqual({
      lambdaRequest: 2,
      sqsRequest: 6,
      // Six writes of 3 units, twice each; the index by-lease: 1 + 3 x 2 + 1.
      dynamoDbWriteUnit: 6 * 6 + 8,
      dynamoDbReadUnit: 7 + 1,
      s3Put: 4,
      s3Get: 9,
      eventBridgeEvent: 1,
      stateTransition: 0,
      logsGb: 0.000008,
    });
  });

  it('counts the renewals of a long one on Batch, and its workflow', () => {
    const long = jobRequests({ ...shape, target: 'batch', seconds: 150 });
    expect(long.dynamoDbWriteUnit).toBe(6 * 6 + 8 + 10 * 8);
    expect(long.dynamoDbReadUnit).toBe(7 + 1 + 10);
    expect(long).toMatchObject({ sqsRequest: 3, stateTransition: 6 });
  });

  it('counts the writes and reads that the code makes', async () => {
    const scene = await makeScene();
    const writes = [vi.spyOn(scene.ports.jobs, 'create'), vi.spyOn(scene.ports.jobs, 'replace')];
    const reads = vi.spyOn(scene.ports.jobs, 'get');
    const { id } = await rejection(scene);
    await processJob(id, 1, scene.worker('r1'), scene.ports);
    // A rejection has no files to note.
    expect(writes.reduce((sum, { mock }) => sum + mock.calls.length, 0)).toBe(recordWrites - 1);
    expect(reads).toHaveBeenCalledTimes(recordReads);
  });

  it('names states of the workflow that lead to each other', async () => {
    const file = new URL('../../../statemachines/filter-image.asl.json', import.meta.url);
    const machine = z
      .object({ StartAt: z.string(), States: z.record(z.string(), z.unknown()) })
      .parse(JSON.parse(await readFile(file, 'utf8')));
    expect(machine.StartAt).toBe(workflowStates[0]);
    for (const [index, state] of workflowStates.entries()) {
      const next = workflowStates[index + 1];
      const pattern = next === undefined ? '"Type":"Succeed"' : `"(Next|Default)":"${next.replace('?', '\\?')}"`;
      expect(JSON.stringify(machine.States[state]), state).toMatch(new RegExp(pattern));
    }
  });
});

describe('dollarsOf', () => {
  it('multiplies amounts by their prices', () => {
    expect(dollarsOf({ s3Put: 1e6, s3Get: 1e6, stateTransition: 4 }, listedPrices)).toBeCloseTo(5 + 0.4 + 0.0001, 10);
    expect(dollarsOf({}, listedPrices)).toBe(0);
  });
});
