import {
  DescribeRegionsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  paginateDescribeInstanceTypes,
} from '@aws-sdk/client-ec2';
import { CreateServiceLinkedRoleCommand, GetRoleCommand } from '@aws-sdk/client-iam';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import {
  GetAccountSettingsCommand,
  paginateListFunctions,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { GetAWSDefaultServiceQuotaCommand, GetServiceQuotaCommand } from '@aws-sdk/client-service-quotas';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { answered } from '../../aws/answered.ts';
import type { AwsClients } from '../aws-clients.ts';
import type { IdentityPort } from './credentials.ts';
import type { KeyPort } from './encryption-key.ts';
import type { InstanceTypesPort } from './instance-types.ts';
import type { ConcurrencyPort } from './lambda-concurrency.ts';
import type { LambdaMemoryPort } from './lambda-memory.ts';
import type { NetworkPort } from './network.ts';
import type { RegionPort } from './region.ts';
import type { ServiceLinkedRolesPort } from './service-linked-roles.ts';
import type { VcpuQuotaPort } from './vcpu-quotas.ts';

export const identityPort = ({ sts }: AwsClients): IdentityPort => ({
  async identity() {
    const { Account = '', Arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
    return { account: Account, arn: Arn, partition: Arn.split(':')[1] ?? 'aws' };
  },
});

export const regionPort = ({ ec2 }: AwsClients): RegionPort => ({
  async optInStatus(region) {
    const Filters = [{ Name: 'region-name', Values: [region] }];
    const answer = await answered(
      'EC2 to describe regions',
      ec2.send(new DescribeRegionsCommand({ AllRegions: true, Filters })),
    );
    return answer?.Regions?.find(({ RegionName }) => RegionName === region)?.OptInStatus;
  },
});

/** Enough functions to find a large one among, without reading an account of thousands. */
const functionsLookedAt = 500;

const capShape = /less than or equal to (\d+)/;

export const lambdaMemoryPort = ({ lambda }: AwsClients, prefix: string): LambdaMemoryPort => ({
  async largestFunctionMiB() {
    const sizes: number[] = [];
    for await (const { Functions = [] } of paginateListFunctions({ client: lambda }, {})) {
      sizes.push(...Functions.map(({ MemorySize = 0 }) => MemorySize));
      if (sizes.length >= functionsLookedAt) break;
    }
    return sizes.length === 0 ? undefined : Math.max(...sizes);
  },
  async capFor(memoryMiB) {
    const FunctionName = `${prefix}-preflight-no-such-function`;
    try {
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, MemorySize: memoryMiB }));
    } catch (error) {
      const [, cap] = capShape.exec(error instanceof Error ? error.message : '') ?? [];
      return cap === undefined ? undefined : Number(cap);
    }
    return undefined;
  },
});

export const concurrencyPort = ({ lambda }: AwsClients): ConcurrencyPort => ({
  async unreservedConcurrency() {
    const answer = await answered(
      "Lambda to tell the account's settings",
      lambda.send(new GetAccountSettingsCommand({})),
    );
    const limit = answer?.AccountLimit?.UnreservedConcurrentExecutions;
    if (limit !== undefined) return limit;
    throw new Error('Lambda tells no limit of concurrent executions');
  },
});

export const vcpuQuotaPort = ({ quotas }: AwsClients): VcpuQuotaPort => ({
  async vcpuQuota(code) {
    const which = { ServiceCode: 'ec2', QuotaCode: code };
    const missing = ['NoSuchResourceException', 'NoSuchResource'];
    const applied = await answered(
      `Service Quotas to tell ${code}`,
      quotas.send(new GetServiceQuotaCommand(which)),
      missing,
    );
    if (applied?.Quota?.Value !== undefined) return applied.Quota.Value;
    // A quota that was never changed may have no value of the account's own.
    const usual = await answered(
      `Service Quotas to tell ${code}`,
      quotas.send(new GetAWSDefaultServiceQuotaCommand(which)),
      missing,
    );
    return usual?.Quota?.Value;
  },
});

export const instanceTypesPort = ({ ec2 }: AwsClients): InstanceTypesPort => ({
  async offered(patterns) {
    const Filters = [{ Name: 'instance-type', Values: [...patterns] }];
    const types = [];
    for await (const { InstanceTypes = [] } of paginateDescribeInstanceTypes({ client: ec2 }, { Filters })) {
      for (const { InstanceType = '', ProcessorInfo, VCpuInfo, MemoryInfo } of InstanceTypes) {
        types.push({
          name: String(InstanceType),
          architectures: (ProcessorInfo?.SupportedArchitectures ?? []).map(String),
          vcpus: VCpuInfo?.DefaultVCpus ?? 0,
          memoryMiB: MemoryInfo?.SizeInMiB ?? 0,
        });
      }
    }
    return types;
  },
});

export const serviceLinkedRolesPort = ({ iam }: AwsClients): ServiceLinkedRolesPort => ({
  async hasRole(name) {
    const answer = await answered(`IAM to describe ${name}`, iam.send(new GetRoleCommand({ RoleName: name })), [
      'NoSuchEntityException',
    ]);
    return answer !== undefined;
  },
});

/** Makes the role that a service acts by. That it is there meanwhile is as good. Throws DependencyError. */
export const createServiceLinkedRole = async ({ iam }: AwsClients, service: string): Promise<void> => {
  await answered(
    `IAM to create the role of ${service}`,
    iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: service })),
    ['InvalidInputException', 'EntityAlreadyExistsException'],
  );
};

export const networkPort = ({ ec2 }: AwsClients): NetworkPort => ({
  async vpcExists(id) {
    const Filters = [{ Name: 'vpc-id', Values: [id] }];
    const answer = await answered(`EC2 to describe ${id}`, ec2.send(new DescribeVpcsCommand({ Filters })));
    return (answer?.Vpcs ?? []).length > 0;
  },
  async subnets(ids) {
    const Filters = [{ Name: 'subnet-id', Values: [...ids] }];
    const answer = await answered('EC2 to describe subnets', ec2.send(new DescribeSubnetsCommand({ Filters })));
    return (answer?.Subnets ?? []).map(({ SubnetId = '', VpcId = '', AvailabilityZone = '' }) => ({
      id: SubnetId,
      vpc: VpcId,
      zone: AvailabilityZone,
    }));
  },
});

export const keyPort = ({ kms }: AwsClients): KeyPort => ({
  async keyState(KeyId) {
    const answer = await answered('KMS to describe a key', kms.send(new DescribeKeyCommand({ KeyId })), [
      'NotFoundException',
    ]);
    return answer?.KeyMetadata?.KeyState;
  },
});
