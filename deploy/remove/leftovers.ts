import { DeregisterJobDefinitionCommand, paginateDescribeJobDefinitions } from '@aws-sdk/client-batch';
import { DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DeleteRepositoryCommand } from '@aws-sdk/client-ecr';
import { answered } from '../../aws/answered.ts';
import { KadamError } from '../../core/errors.ts';
import type { AwsClients } from '../aws-clients.ts';
import type { DeployedNames } from '../deployed-names.ts';

/** What outlives a stack. Every method throws DependencyError; those that delete give whether there was something. */
export type LeftoversPort = {
  deleteRepository(name: string): Promise<boolean>;
  deleteLogGroup(name: string): Promise<boolean>;
  /** Deregisters every revision of a job definition; gives how many there were. */
  deregisterJobDefinitions(name: string): Promise<number>;
};

/**
 * Deletes what outlives the stack: the repositories of the images, log groups that a function wrote to after the stack
 * had deleted them, and the revisions of job definitions that updates kept. Gives what was done and what could not be,
 * as lines; one failure holds up nothing else.
 */
export const removeLeftovers = async (
  names: DeployedNames,
  port: LeftoversPort,
): Promise<{ done: string[]; failed: string[] }> => {
  const done: string[] = [];
  const failed: string[] = [];
  const attempt = async (what: string, action: () => Promise<boolean | number>) => {
    try {
      const count = await action();
      if (count) done.push(count === true ? what : `${what} (${count})`);
    } catch (error) {
      if (!(error instanceof KadamError)) throw error;
      failed.push(`${what}: ${error.message}`);
    }
  };
  for (const name of Object.values(names.repositories)) {
    await attempt(`ECR repository ${name}`, () => port.deleteRepository(name));
  }
  for (const name of names.logGroups) await attempt(`log group ${name}`, () => port.deleteLogGroup(name));
  for (const name of names.jobDefinitions) {
    await attempt(`revisions of the job definition ${name}`, () => port.deregisterJobDefinitions(name));
  }
  return { done, failed };
};

/** Leftovers in ECR, CloudWatch Logs and Batch. */
export const leftoversPort = ({ batch, ecr, logs }: AwsClients): LeftoversPort => ({
  async deleteRepository(repositoryName) {
    const call = ecr.send(new DeleteRepositoryCommand({ repositoryName, force: true }));
    return (await answered(`ECR to delete ${repositoryName}`, call, ['RepositoryNotFoundException'])) !== undefined;
  },
  async deleteLogGroup(logGroupName) {
    const call = logs.send(new DeleteLogGroupCommand({ logGroupName }));
    return (
      (await answered(`CloudWatch Logs to delete ${logGroupName}`, call, ['ResourceNotFoundException'])) !== undefined
    );
  },
  async deregisterJobDefinitions(jobDefinitionName) {
    const revisions: string[] = [];
    const list = async () => {
      const pages = paginateDescribeJobDefinitions({ client: batch }, { jobDefinitionName, status: 'ACTIVE' });
      for await (const { jobDefinitions = [] } of pages) {
        revisions.push(...jobDefinitions.flatMap(({ jobDefinitionArn: arn }) => (arn === undefined ? [] : [arn])));
      }
    };
    await answered(`Batch to list the revisions of ${jobDefinitionName}`, list());
    for (const jobDefinition of revisions) {
      const call = batch.send(new DeregisterJobDefinitionCommand({ jobDefinition }));
      await answered(`Batch to deregister ${jobDefinition}`, call);
    }
    return revisions.length;
  },
});
