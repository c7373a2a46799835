import { evaluate, idOf } from '../support/evaluate.ts';
import { at, listOf, resourcesOf, type Template } from '../support/template.ts';
import { change, type Rule } from './rule.ts';

type Consumer = { queue: string; functionId: string; timeout: number; mapping: Record<string, unknown> };

const consumers = (template: Template): Consumer[] =>
  resourcesOf(template, 'AWS::Lambda::EventSourceMapping').map(([, mapping]) => {
    const functionId = idOf(mapping.FunctionName);
    const timeout = Number(template.Resources[functionId]?.Properties.Timeout);
    return { queue: idOf(mapping.EventSourceArn), functionId, timeout, mapping };
  });

const queueProperty = (template: Template, queue: string, ...path: string[]): unknown =>
  at(template.Resources[queue]?.Properties, ...path);

const isDeadLetters = (template: Template, queue: string): boolean =>
  queueProperty(template, queue, 'RedriveAllowPolicy') !== undefined;

const isWorker = (template: Template, target: unknown): boolean =>
  ['AWS::Lambda::Function', 'AWS::SQS::Queue'].includes(template.Resources[idOf(target)]?.Type ?? '');

/** The work queue hides a message for its function's time-out and a minute: a killed job is not to wait 90 minutes. */
const minute = 60;
const fourteenDays = 1_209_600;

export const queueRules: Rule[] = [
  {
    name: 'a message stays hidden for as long as its function may take',
    faults: (template) =>
      consumers(template).flatMap(({ queue, timeout }) => {
        const hidden = Number(queueProperty(template, queue, 'VisibilityTimeout'));
        const least = queue === 'WorkQueue' ? timeout + minute : 6 * timeout;
        const isRight = queue === 'WorkQueue' ? hidden === least : hidden >= least;
        return isRight ? [] : [`${queue}: hidden for ${hidden} s, where ${least} s are right`];
      }),
    mutations: {
      'uploads come back early': change('UploadsQueue', ['VisibilityTimeout'], 179),
      'work comes back early': change('WorkQueue', ['VisibilityTimeout'], 900),
      'work comes back late': change('WorkQueue', ['VisibilityTimeout'], 5400),
      'a slower dispatcher': change('DispatchLambdaFunction', ['Timeout'], 31),
    },
  },
  {
    name: 'queues that functions read have dead letters, after five attempts at least',
    faults: (template) =>
      consumers(template).flatMap(({ queue }) => {
        const letters = idOf(queueProperty(template, queue, 'RedrivePolicy', 'deadLetterTargetArn'));
        const attempts = Number(queueProperty(template, queue, 'RedrivePolicy', 'maxReceiveCount'));
        return template.Resources[letters]?.Type === 'AWS::SQS::Queue' && attempts >= 5
          ? []
          : [`${queue}: dead letters go to ${letters} after ${attempts} attempts`];
      }),
    mutations: {
      'no dead letters': change('WorkQueue', ['RedrivePolicy'], undefined),
      'too soon': change('UploadsQueue', ['RedrivePolicy', 'maxReceiveCount'], 1),
    },
  },
  {
    name: 'dead letters are kept for longer than what they came from, and say whose they are',
    faults: (template) =>
      resourcesOf(template, 'AWS::SQS::Queue').flatMap(
        ([queue, { QueueName, RedrivePolicy, MessageRetentionPeriod }]) => {
          const kept = Number(MessageRetentionPeriod);
          if (isDeadLetters(template, queue)) return kept === fourteenDays ? [] : [`${queue}: kept for ${kept} s`];
          const letters = idOf(at(RedrivePolicy, 'deadLetterTargetArn'));
          const sources = queueProperty(template, letters, 'RedriveAllowPolicy', 'sourceQueueArns');
          return kept < fourteenDays && listOf(sources).some((arn) => evaluate(arn).endsWith(`:${QueueName}`))
            ? []
            : [`${queue}: kept for ${kept} s, and dead letters of ${listOf(sources).map(evaluate)}`];
        },
      ),
    mutations: {
      'kept too short': change('WorkDeadLetters', ['MessageRetentionPeriod'], 345600),
      'not said': change('WorkDeadLetters', ['RedriveAllowPolicy', 'sourceQueueArns'], []),
      'of another queue': change('WorkQueue', ['QueueName'], 'other'),
    },
  },
  {
    name: 'queues are encrypted',
    faults: (template) =>
      resourcesOf(template, 'AWS::SQS::Queue')
        .filter(([, { SqsManagedSseEnabled, KmsMasterKeyId }]) => {
          const hasKey = KmsMasterKeyId !== undefined && evaluate(KmsMasterKeyId) !== '<AWS::NoValue>';
          return SqsManagedSseEnabled !== true && !hasKey;
        })
        .map(([queue]) => `${queue}: not encrypted`),
    mutations: { 'no encryption': change('SettleDeadLetters', ['SqsManagedSseEnabled'], false) },
  },
  {
    name: 'functions answer which messages failed, and do not take all of the concurrency',
    faults: (template) =>
      consumers(template)
        .filter(
          ({ mapping }) =>
            !listOf(mapping.FunctionResponseTypes).includes('ReportBatchItemFailures') ||
            !(Number(at(mapping, 'ScalingConfig', 'MaximumConcurrency')) >= 2),
        )
        .map(({ functionId }) => `${functionId}: whole batches fail, or nothing bounds it`),
    mutations: {
      'whole batches': change('DispatchEventSourceMappingSQSUploadsQueue', ['FunctionResponseTypes'], []),
      'no bound': change('ProcessEventSourceMappingSQSWorkQueue', ['ScalingConfig'], undefined),
    },
  },
  {
    name: 'one job is processed at a time, in a function of its own',
    faults: (template) =>
      consumers(template)
        .filter(({ queue, mapping }) => queue === 'WorkQueue' && Number(mapping.BatchSize) !== 1)
        .map(({ functionId }) => `${functionId}: gets several jobs at once`),
    mutations: { 'two at once': change('ProcessEventSourceMappingSQSWorkQueue', ['BatchSize'], 2) },
  },
  {
    name: 'what rules and asynchronous invocations cannot deliver is kept',
    faults: (template) => [
      ...resourcesOf(template, 'AWS::Events::Rule').flatMap(([rule, { Targets }]) =>
        listOf(Targets)
          // Logs and mails are for people; nothing waits for one of them.
          .filter((target) => isWorker(template, at(target, 'Arn')))
          .filter(
            (target) => template.Resources[idOf(at(target, 'DeadLetterConfig', 'Arn'))]?.Type !== 'AWS::SQS::Queue',
          )
          .map((target) => `${rule}: what ${at(target, 'Id')} does not get is lost`),
      ),
      ...resourcesOf(template, 'AWS::Lambda::EventInvokeConfig')
        .filter(([, config]) => at(config, 'DestinationConfig', 'OnFailure', 'Destination') === undefined)
        .map(([config]) => `${config}: events that fail are lost`),
    ],
    mutations: {
      'a rule': change('FailedExecutions', ['Targets', 0, 'DeadLetterConfig'], undefined),
      'an invocation': change('SettleRetries', ['DestinationConfig'], undefined),
    },
  },
];
