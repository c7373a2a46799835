import { type Connection, connect } from '../aws/connect.ts';
import { ConfigurationError, DependencyError } from '../core/errors.ts';
import { localStage } from '../local/cloud-environment.ts';
import { credentials, region } from '../local/names.ts';
import { portNumber } from './run-command.ts';

/** The port of `npm start`. */
export const defaultPort = '4566';

/** The options by which every command that needs a running Kadam says which one. */
export const deploymentOptions = {
  stage: { type: 'string' },
  region: { type: 'string' },
  port: { type: 'string', default: defaultPort },
} as const;

/** The same, for the usage. */
export const deploymentUsage = `  --stage NAME               a deployed Kadam, by the AWS credentials of the environment; without it, the embedded cloud
                             of npm start
  --region NAME              the stage's region; the environment's unless it is given
  --port N                   the embedded cloud's port (${defaultPort})`;

/**
 * Does something with a running Kadam: a deployed one (`stage`), or the embedded cloud.
 * Throws ConfigurationError `NotRunning` where no embedded cloud answers, and `NoSuchDeployment`.
 */
export const withDeployment = async <Result>(
  { stage, region: place, port }: { stage?: string | undefined; region?: string | undefined; port: string },
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> => {
  const connection =
    stage === undefined ? await connectLocally(portNumber(port)) : await connect(stage, place ? { region: place } : {});
  try {
    return await work(connection);
  } finally {
    connection.close();
  }
};

const connectLocally = async (port: number): Promise<Connection> => {
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    return await connect(localStage, { endpoint, region, credentials });
  } catch (error) {
    if (!(error instanceof DependencyError)) throw error;
    throw new ConfigurationError(
      `Expected the embedded cloud at ${endpoint} but it does not answer. Start it with npm start in another terminal, ` +
        'or name its --port, or a deployment by --stage.',
      { code: 'NotRunning', cause: error },
    );
  }
};
