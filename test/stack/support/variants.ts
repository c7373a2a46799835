/** What a param of serverless.yml may be in the variants: the empty text is its default of 'none'. */
const values = {
  input: ['new', 'existing'],
  network: ['public', 'private', 'existing'],
  encryption: ['managed', 'kms'],
  architecture: ['arm64', 'x86_64'],
  alarmEmail: ['', 'pictures@example.com'],
  efsFileSystemId: ['', 'fs-0123456789abcdef0'],
} as const;

type Choice = { readonly [Name in keyof typeof values]: (typeof values)[Name][number] };

const choose = (
  input: Choice['input'],
  network: Choice['network'],
  encryption: Choice['encryption'],
  architecture: Choice['architecture'],
  [alarm, efs]: [alarm: boolean, efs: boolean],
): Choice => ({
  input,
  network,
  encryption,
  architecture,
  alarmEmail: values.alarmEmail[alarm ? 1 : 0],
  efsFileSystemId: values.efsFileSystemId[efs ? 1 : 0],
});

/** Deployments in which every two values of two params meet at least once, beginning with the default. */
const choices: readonly Choice[] = [
  choose('new', 'public', 'managed', 'arm64', [false, false]),
  choose('existing', 'existing', 'kms', 'arm64', [true, true]),
  choose('new', 'private', 'kms', 'x86_64', [false, true]),
  choose('existing', 'private', 'managed', 'x86_64', [true, false]),
  choose('existing', 'public', 'kms', 'x86_64', [false, true]),
  choose('new', 'existing', 'managed', 'x86_64', [false, false]),
  choose('new', 'public', 'managed', 'arm64', [true, true]),
  choose('existing', 'private', 'kms', 'arm64', [true, false]),
];

/** The params that a choice asks for besides. */
const companions = ({ input, network, encryption }: Choice): Record<string, string> => ({
  ...(input === 'existing' ? { inputBucket: 'pictures-of-mine', inputPrefix: 'camera/' } : {}),
  ...(network === 'existing'
    ? { vpcId: 'vpc-0123456789abcdef0', subnetIds: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1' }
    : {}),
  ...(encryption === 'kms'
    ? { kmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef' }
    : {}),
});

export type Variant = { readonly name: string; readonly params: Readonly<Record<string, string>> };

export const defaultVariant: Variant = { name: 'default', params: {} };

/** Deployments of serverless.yml with its params chosen otherwise. */
export const variants: readonly Variant[] = [
  defaultVariant,
  ...choices.slice(1).map((choice) => ({
    name: Object.values(choice)
      .map((value) => value.replace(/\W.*/, ''))
      .filter((word) => word !== '')
      .join('-'),
    // The command line takes no empty value.
    params: Object.fromEntries(
      Object.entries({ ...choice, ...companions(choice) }).filter(([, value]) => value !== ''),
    ),
  })),
];

/** The pairs of values that meet in no variant: none. */
export const missingPairs = (): string[] => {
  const all = Object.entries(values).flatMap(([name, options]) => options.map((value) => ({ name, value })));
  return all.flatMap((one) =>
    all
      .filter(({ name }) => name < one.name)
      .filter((other) => !choices.some((choice) => isChosen(choice, one) && isChosen(choice, other)))
      .map((other) => `${one.name}=${one.value} with ${other.name}=${other.value}`),
  );
};

const isChosen = (choice: Choice, { name, value }: { name: string; value: string }): boolean =>
  Object.entries(choice).some(([chosen, is]) => chosen === name && is === value);
