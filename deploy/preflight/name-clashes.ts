import type { Check, Deployment } from './finding.ts';

/** Kinds of things whose names are ours to choose, and can be somebody else's. */
export type NamedKind = 'bucket' | 'table' | 'function' | 'log group' | 'job queue';

export type NamesPort = {
  /** The names (physical ids) of everything that a stack has; none where there is no stack. */
  stackResources(stack: string): Promise<ReadonlySet<string>>;
  /** Whether something has this name; `foreign` for a bucket of another account. */
  exists(kind: NamedKind, name: string): Promise<'free' | 'taken' | 'foreign'>;
};

const removal = (kind: NamedKind, name: string, stage: string): string =>
  ({
    // The AWS CLI's own command leaves versions behind, and with them the bucket.
    bucket: `npx sls remove --stage ${stage} --empty-buckets`,
    table: `aws dynamodb delete-table --table-name ${name}`,
    function: `aws lambda delete-function --function-name ${name}`,
    'log group': `aws logs delete-log-group --log-group-name ${name}`,
    'job queue': `aws batch update-job-queue --job-queue ${name} --state DISABLED, then aws batch delete-job-queue --job-queue ${name}`,
  })[kind];

/** Nothing that the stack would make has its name taken by something that is not the stack's. */
export const checkNameClashes = ({ names, params, stage }: Deployment, port: NamesPort): Check => ({
  name: 'names',
  async look() {
    const wanted: [NamedKind, string][] = [
      ...(params.input === 'new' ? [['bucket', names.inputBucket] as [NamedKind, string]] : []),
      ['bucket', names.outputBucket],
      ['table', names.table],
      ...names.functions.map((name): [NamedKind, string] => ['function', name]),
      ...names.logGroups.map((name): [NamedKind, string] => ['log group', name]),
      ...names.jobQueues.map((name): [NamedKind, string] => ['job queue', name]),
    ];
    const ours = await port.stackResources(names.stack);
    // Batch's queues go by their ARNs in a stack.
    const isOurs = (name: string) => ours.has(name) || [...ours].some((id) => id.endsWith(`/${name}`));
    const unsure = wanted.filter(([, name]) => !isOurs(name));
    const states = await Promise.all(unsure.map(([kind, name]) => port.exists(kind, name)));
    const clashes = unsure.flatMap(([kind, name], index) => {
      const state = states[index];
      if (state === undefined || state === 'free') return [];
      return [
        {
          status: 'refused' as const,
          found: `the ${kind} ${name} is there already, and not part of the stack ${names.stack}${state === 'foreign' ? ' (another account has it)' : ''}`,
          wayOut:
            state === 'foreign'
              ? 'choose another stage: --stage NAME'
              : `if nobody needs it: ${removal(kind, name, stage)}; or another stage: --stage NAME`,
        },
      ];
    });
    return clashes.length > 0 ? clashes : [{ status: 'ok', found: `${wanted.length} names are free or the stack's` }];
  },
});
