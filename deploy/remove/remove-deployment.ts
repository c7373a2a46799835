import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { answered } from '../../aws/answered.ts';
import { ConfigurationError } from '../../core/errors.ts';
import type { Deployer } from '../deployer.ts';
import { bucketsPort } from './bucket-contents.ts';
import { type DrainDeps, drain, drainPort } from './drain.ts';
import { leftoversPort, removeLeftovers } from './leftovers.ts';
import { refuseRemoval } from './refuse-removal.ts';
import { whatStays } from './what-stays.ts';

/** The buckets that are the deployment's own: an input bucket that was there before is not. */
const ownBuckets = ({ deployment: { params, names } }: Deployer): string[] =>
  params.input === 'new' ? [names.inputBucket, names.outputBucket] : [names.outputBucket];

const refuseProtected = async ({ clients, deployment }: Deployer): Promise<void> => {
  const { stack } = deployment.names;
  const call = clients.cloudFormation.send(new DescribeStacksCommand({ StackName: stack }));
  const answer = await answered(`CloudFormation to describe ${stack}`, call, ['ValidationError']);
  if (!answer?.Stacks?.[0]?.EnableTerminationProtection) return;
  throw new ConfigurationError(
    `Expected a stack without termination protection but ${stack} has it. Nothing was deleted. Turn it off first: ` +
      `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${stack}`,
    { code: 'StackProtected' },
  );
};

/**
 * Before the stack goes: refuses where pictures would go that nobody asked to delete, brings everything to rest, and
 * empties the buckets. Throws ConfigurationError `StackProtected` or `BucketsHoldPictures`, DependencyError.
 */
export const beforeRemoval = async (deployer: Deployer, emptyBuckets: boolean, deps: DrainDeps): Promise<void> => {
  const { clients, deployment } = deployer;
  const { account, region, partition, stage, names } = deployment;
  await refuseProtected(deployer);
  const buckets = bucketsPort(clients);
  const found = await Promise.all(ownBuckets(deployer).map((name) => buckets.contents(name)));
  const contents = found.filter((entry) => entry !== undefined);
  refuseRemoval(contents, emptyBuckets, stage);
  const arnOf = (name: string) => `arn:${partition}:states:${region}:${account}:stateMachine:${name}`;
  await drain(names, drainPort(clients, arnOf), deps);
  // Only now: what was still at work may have written until here. Delete markers alone keep a bucket from going, too.
  for (const { name } of contents) {
    const deleted = await buckets.empty(name, (count) => deps.say(`Deleted ${count} objects of ${name}`));
    if (deleted > 0) deps.say(`Emptied ${name}`);
  }
};

/** After the stack has gone: deletes what outlives it. Gives lines that say what stays, and what that costs. */
export const afterRemoval = async (
  deployer: Deployer,
  emptyBuckets: boolean,
  say: (text: string) => void,
): Promise<string[]> => {
  const { clients, deployment } = deployer;
  const buckets = bucketsPort(clients);
  const failed: string[] = [];
  for (const name of ownBuckets(deployer)) {
    const left = await buckets.contents(name);
    if (left === undefined) continue;
    if (left.versions === 0 || emptyBuckets) {
      await buckets.empty(name, () => undefined);
      await buckets.deleteBucket(name);
      say(`Deleted the bucket ${name}`);
    } else failed.push(`the bucket ${name} holds objects that came while the stack was deleted`);
  }
  const leftovers = await removeLeftovers(deployment.names, leftoversPort(clients));
  for (const line of leftovers.done) say(`Deleted: ${line}`);
  return whatStays(deployment.params, [...failed, ...leftovers.failed]);
};
