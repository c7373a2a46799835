import { evaluate, idOf } from '../support/evaluate.ts';
import { at, listOf, resourcesOf, type Template } from '../support/template.ts';
import { change, type Rule } from './rule.ts';

const job = 'FilterJobDefinition';

/** A rule over every job definition; what `check` does not find true is a fault. */
const ofJobs =
  (say: string, check: (job: Record<string, unknown>, template: Template) => boolean) =>
  (template: Template): string[] => {
    const jobs = resourcesOf(template, 'AWS::Batch::JobDefinition');
    if (jobs.length === 0) return ['no job definition'];
    return jobs.filter(([, definition]) => !check(definition, template)).map(([id]) => `${id}: ${say}`);
  };

const container = (definition: Record<string, unknown>, ...path: string[]) =>
  at(definition, 'ContainerProperties', ...path);

const isRole = (value: unknown, template: Template): boolean =>
  template.Resources[idOf(value)]?.Type === 'AWS::IAM::Role';

/** Capacity that does not come, and jobs that no machine can hold: what the head of a queue may not wait for. */
const limitedReasons = [
  'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY',
  'MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE',
  'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT',
];

export const batchRules: Rule[] = [
  {
    name: 'jobs for queues with fair shares have a priority, or Batch takes none of them',
    faults: (template) =>
      resourcesOf(template, 'AWS::Batch::JobQueue').some(([, queue]) => at(queue, 'SchedulingPolicyArn') !== undefined)
        ? ofJobs(
            'no scheduling priority',
            (definition) => typeof at(definition, 'SchedulingPriority') === 'number',
          )(template)
        : [],
    mutations: { 'no priority': change(job, ['SchedulingPriority'], undefined) },
  },
  {
    name: 'jobs have a time-out of a minute at least',
    faults: ofJobs('no time-out', (definition) => Number(at(definition, 'Timeout', 'AttemptDurationSeconds')) >= 60),
    mutations: { 'no time-out': change(job, ['Timeout'], undefined) },
  },
  {
    name: 'jobs are tried again by five rules at most',
    faults: ofJobs('no retries, or too many rules', (definition) => {
      const rules = listOf(at(definition, 'RetryStrategy', 'EvaluateOnExit'));
      return Number(at(definition, 'RetryStrategy', 'Attempts')) > 1 && rules.length >= 1 && rules.length <= 5;
    }),
    mutations: {
      'no strategy': change(job, ['RetryStrategy'], undefined),
      'six rules': change(job, ['RetryStrategy', 'EvaluateOnExit'], Array(6).fill({ Action: 'EXIT' })),
    },
  },
  {
    name: 'a job whose host was lost is left to the state machine',
    faults: ofJobs('tried again on Spot', (definition) =>
      ['Host EC2*', 'Your Spot Task was interrupted*'].every((reason) =>
        listOf(at(definition, 'RetryStrategy', 'EvaluateOnExit')).some(
          (rule) => at(rule, 'Action') === 'EXIT' && at(rule, 'OnStatusReason') === reason,
        ),
      ),
    ),
    mutations: { 'tried again': change(job, ['RetryStrategy', 'EvaluateOnExit', 0, 'Action'], 'RETRY') },
  },
  {
    name: 'containers are nobody in particular, on a root that they cannot write',
    faults: ofJobs(
      'root, privileged, or a writable root',
      (definition) =>
        /^[1-9]\d*:[1-9]\d*$/.test(String(container(definition, 'User'))) &&
        container(definition, 'ReadonlyRootFilesystem') === true &&
        container(definition, 'Privileged') !== true,
    ),
    mutations: {
      root: change(job, ['ContainerProperties', 'User'], '0'),
      'no user': change(job, ['ContainerProperties', 'User'], undefined),
      'a writable root': change(job, ['ContainerProperties', 'ReadonlyRootFilesystem'], false),
      privileged: change(job, ['ContainerProperties', 'Privileged'], true),
    },
  },
  {
    name: 'containers have an init process, which reaps what they leave and hands on signals',
    faults: ofJobs('no init', (definition) => container(definition, 'LinuxParameters', 'InitProcessEnabled') === true),
    mutations: { 'no init': change(job, ['ContainerProperties', 'LinuxParameters'], undefined) },
  },
  {
    name: 'images are named by their digest: a parameter that the deployment fills in',
    faults: ofJobs('an image that may change', (definition, template) => {
      const image = evaluate(container(definition, 'Image'));
      return image in template.Parameters || /^<\w+ImageUri>$/.test(image) || /@sha256:[0-9a-f]{64}$/.test(image);
    }),
    mutations: { 'a tag': change(job, ['ContainerProperties', 'Image'], 'kadam/filter:latest') },
  },
  {
    name: 'jobs log to the group of ours, and have roles of ours',
    faults: ofJobs(
      'no log group or no roles',
      (definition, template) =>
        container(definition, 'LogConfiguration', 'LogDriver') === 'awslogs' &&
        evaluate(container(definition, 'LogConfiguration', 'Options', 'awslogs-group')) === '<BatchLogs>' &&
        isRole(container(definition, 'JobRoleArn'), template) &&
        isRole(container(definition, 'ExecutionRoleArn'), template) &&
        evaluate(container(definition, 'JobRoleArn')) !== evaluate(container(definition, 'ExecutionRoleArn')),
    ),
    mutations: {
      'no log': change(job, ['ContainerProperties', 'LogConfiguration'], undefined),
      'no role': change(job, ['ContainerProperties', 'JobRoleArn'], undefined),
      'one role for both': change(job, ['ContainerProperties', 'JobRoleArn'], {
        'Fn::GetAtt': ['ExecutionRole', 'Arn'],
      }),
    },
  },
  {
    name: 'the revision that executions in flight will submit is kept',
    faults: ofJobs(
      'an update would deregister it',
      (definition) => at(definition, 'ResourceRetentionPolicy', 'SkipDeregisterOnUpdate') === true,
    ),
    mutations: { deregistered: change(job, ['ResourceRetentionPolicy'], undefined) },
  },
  {
    name: 'job queues do not wait for what never comes',
    faults: (template) =>
      resourcesOf(template, 'AWS::Batch::JobQueue').flatMap(([id, { JobStateTimeLimitActions }]) =>
        limitedReasons
          .filter(
            (reason) =>
              !listOf(JobStateTimeLimitActions).some((action) => {
                const seconds = Number(at(action, 'MaxTimeSeconds'));
                return (
                  at(action, 'Reason') === reason &&
                  at(action, 'Action') === 'CANCEL' &&
                  seconds >= 600 &&
                  seconds <= 86_400
                );
              }),
          )
          .map((reason) => `${id}: waits for ever after ${reason}`),
      ),
    mutations: {
      'no limits': change('OnDemandQueue', ['JobStateTimeLimitActions'], undefined),
      'too short for Batch': change('SpotQueue', ['JobStateTimeLimitActions', 0, 'MaxTimeSeconds'], 60),
    },
  },
  {
    name: 'machines go when nobody needs them, within the budget',
    faults: (template) =>
      resourcesOf(template, 'AWS::Batch::ComputeEnvironment')
        .filter(([, { ComputeResources }]) => {
          const [least, most] = ['MinvCpus', 'MaxvCpus'].map((name) => at(ComputeResources, name));
          return !(Number(least) === 0 && Number(most) > 0);
        })
        .map(([id]) => `${id}: machines that stay, or no bound`),
    mutations: {
      'machines that stay': change('SpotEnvironment', ['ComputeResources', 'MinvCpus'], 8),
      'no budget': change('OnDemandEnvironment', ['ComputeResources', 'MaxvCpus'], undefined),
    },
  },
  {
    name: 'an update of machines lets jobs end',
    faults: (template) =>
      resourcesOf(template, 'AWS::Batch::ComputeEnvironment')
        .filter(
          ([, { UpdatePolicy, ReplaceComputeEnvironment }]) =>
            ReplaceComputeEnvironment !== false || at(UpdatePolicy, 'TerminateJobsOnUpdate') !== false,
        )
        .map(([id]) => `${id}: an update kills jobs`),
    mutations: {
      killed: change('SpotEnvironment', ['UpdatePolicy', 'TerminateJobsOnUpdate'], true),
      replaced: change('SpotEnvironment', ['ReplaceComputeEnvironment'], true),
    },
  },
];
