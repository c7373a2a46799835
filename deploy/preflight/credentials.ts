import { ConfigurationError } from '../../core/errors.ts';

/** Whose credentials these are. `partition` is `aws`, `aws-cn` or `aws-us-gov`. */
export type Identity = { account: string; arn: string; partition: string };

export type IdentityPort = { identity(): Promise<Identity> };

const known: readonly [RegExp, string][] = [
  [
    /CredentialsProviderError|credentials not found|Could not load credentials/i,
    'Sign in (aws sso login, aws configure), or name a profile: --aws-profile NAME.',
  ],
  [/ExpiredToken|TokenRefreshRequired|expired/i, 'They have run out: sign in again (aws sso login).'],
  [
    /InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient/,
    'AWS does not know this key pair: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and that the region is turned on for the account.',
  ],
];

/** Asks whose credentials there are. Throws ConfigurationError `NoCredentials` where AWS knows nobody by them. */
export const whoAmI = async (port: IdentityPort): Promise<Identity> => {
  try {
    return await port.identity();
  } catch (error) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const wayOut = known.find(([shape]) => shape.test(text))?.[1] ?? 'Check the credentials and the network.';
    throw new ConfigurationError(`Expected credentials for AWS but received ${text.replace(/\.+$/, '')}. ${wayOut}`, {
      code: 'NoCredentials',
      cause: error,
    });
  }
};
