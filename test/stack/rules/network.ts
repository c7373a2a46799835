import { evaluate } from '../support/evaluate.ts';
import { at, listOf, resourcesOf } from '../support/template.ts';
import { change, type Rule } from './rule.ts';

const anywhere = (rule: unknown): boolean =>
  ['0.0.0.0/0', '::/0'].some((range) => at(rule, 'CidrIp') === range || at(rule, 'CidrIpv6') === range);

export const networkRules: Rule[] = [
  {
    name: 'nobody comes in from anywhere, and nothing comes in to machines at all',
    faults: (template) => [
      ...resourcesOf(template, 'AWS::EC2::SecurityGroup').flatMap(([id, { SecurityGroupIngress }]) => [
        ...listOf(SecurityGroupIngress)
          .filter(anywhere)
          .map(() => `${id}: open to the world`),
        ...(id === 'JobsSecurityGroup' && listOf(SecurityGroupIngress).length > 0 ? [`${id}: has a way in`] : []),
      ]),
      ...resourcesOf(template, 'AWS::EC2::SecurityGroupIngress').map(([id]) => `${id}: a way in`),
    ],
    mutations: {
      'open to the world': change(
        'JobsSecurityGroup',
        ['SecurityGroupIngress'],
        [{ IpProtocol: '-1', CidrIp: '0.0.0.0/0' }],
      ),
      'a way in': change('JobsSecurityGroup', ['SecurityGroupIngress'], [{ IpProtocol: 'tcp', CidrIp: '10.0.0.0/8' }]),
    },
  },
  {
    name: 'what goes out says so: to services over TLS (and to file systems)',
    faults: (template) =>
      resourcesOf(template, 'AWS::EC2::SecurityGroup').flatMap(([id, { SecurityGroupEgress }]) => {
        const rules = listOf(SecurityGroupEgress);
        const isNarrow = (rule: unknown) =>
          (at(rule, 'IpProtocol') === 'tcp' && at(rule, 'FromPort') === 443 && at(rule, 'ToPort') === 443) ||
          at(rule, 'CidrIp') === '255.255.255.255/32';
        // Without a rule of its own a group may send anything anywhere.
        return rules.length > 0 && rules.every(isNarrow) ? [] : [`${id}: may send anything`];
      }),
    mutations: {
      'no rule': change('JobsSecurityGroup', ['SecurityGroupEgress'], undefined),
      everything: change('JobsSecurityGroup', ['SecurityGroupEgress', 0, 'IpProtocol'], '-1'),
    },
  },
  {
    name: "machines ask for a session's token before they tell their role's credentials (IMDSv2)",
    faults: (template) =>
      resourcesOf(template, 'AWS::EC2::LaunchTemplate')
        .filter(([, { LaunchTemplateData: data }]) => at(data, 'MetadataOptions', 'HttpTokens') !== 'required')
        .map(([id]) => `${id}: IMDSv1`),
    mutations: {
      IMDSv1: change('LaunchTemplate', ['LaunchTemplateData', 'MetadataOptions', 'HttpTokens'], 'optional'),
    },
  },
  {
    name: 'disks are encrypted, and go with their machine',
    faults: (template) =>
      resourcesOf(template, 'AWS::EC2::LaunchTemplate').flatMap(([id, { LaunchTemplateData: data }]) => {
        const disks = listOf(at(data, 'BlockDeviceMappings'));
        const isRight = (disk: unknown) =>
          at(disk, 'Ebs', 'Encrypted') === true && at(disk, 'Ebs', 'DeleteOnTermination') === true;
        return disks.length > 0 && disks.every(isRight) ? [] : [`${id}: a disk in the clear, or one that stays`];
      }),
    mutations: {
      'in the clear': change(
        'LaunchTemplate',
        ['LaunchTemplateData', 'BlockDeviceMappings', 0, 'Ebs', 'Encrypted'],
        false,
      ),
      'one that stays': change(
        'LaunchTemplate',
        ['LaunchTemplateData', 'BlockDeviceMappings', 0, 'Ebs', 'DeleteOnTermination'],
        false,
      ),
    },
  },
  {
    name: 'machines hold what the ECS agent needs, and no more',
    faults: (template) =>
      resourcesOf(template, 'AWS::IAM::Role')
        .filter(([, { ManagedPolicyArns }]) => ManagedPolicyArns !== undefined)
        .flatMap(([id, { ManagedPolicyArns, Policies }]) => {
          const managed = listOf(ManagedPolicyArns).map(evaluate);
          const isRight =
            id === 'InstanceRole' &&
            managed.join() === 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role' &&
            Policies === undefined;
          return isRight ? [] : [`${id}: ${managed.join(', ')}`];
        }),
    mutations: {
      'a policy of AWS for a function': change(
        'DispatchRole',
        ['ManagedPolicyArns'],
        ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
      ),
      'more for machines': change(
        'InstanceRole',
        ['Policies'],
        [{ PolicyName: 'more', PolicyDocument: { Statement: [] } }],
      ),
    },
  },
  {
    name: 'endpoints lead to own buckets and tables only',
    faults: (template) =>
      resourcesOf(template, 'AWS::EC2::VPCEndpoint')
        .filter(([, { VpcEndpointType }]) => VpcEndpointType === 'Gateway')
        .flatMap(([id, { PolicyDocument }]) => {
          const statements = listOf(at(PolicyDocument, 'Statement'));
          const resources = statements.flatMap((statement) => listOf(at(statement, 'Resource')).map(evaluate));
          return resources.length > 0 &&
            resources.every((resource) => /^<\w+\.Arn>|^arn:aws:s3:::[\w.-]+(\/\*)?$/.test(resource))
            ? []
            : [`${id}: leads to ${resources.join(', ') || 'everything'}`];
        }),
    mutations: {
      'no policy': change('S3Endpoint', ['PolicyDocument'], undefined),
      'every bucket': change('S3Endpoint', ['PolicyDocument', 'Statement', 0, 'Resource'], '*'),
    },
  },
];
