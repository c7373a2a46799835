import { BatchServiceException } from '@aws-sdk/client-batch';
import { LambdaServiceException } from '@aws-sdk/client-lambda';

/**
 * A task's failure as the library hands it to Retry and Catch: `name` is the error that they match, the message is
 * the cause. One that is final is neither retried nor caught, as States.Runtime is on AWS.
 */
export class TaskError extends Error {
  override readonly name: string;
  readonly isRetryable: boolean;
  readonly isCatchable: boolean;

  constructor(name: string, cause: string, { isFinal = false } = {}) {
    super(cause);
    this.name = name;
    this.isRetryable = !isFinal;
    this.isCatchable = !isFinal;
  }
}

/** The task's fields are wrong: nothing that a retry would mend. */
export const invalidParameters = (message: string) => new TaskError('States.Runtime', message, { isFinal: true });

// AWS names an error that a service's model does not list, as Batch's throttling, by the service's base exception:
// state machines in the field retry Batch.AWSBatchException on 429.
const services = {
  Batch: { base: BatchServiceException, unlisted: 'AWSBatchException' },
  Lambda: { base: LambdaServiceException, unlisted: 'AWSLambdaException' },
};

export type ServiceName = keyof typeof services;

/** What a failed SDK request is called in a state machine: `Service.ExceptionName`. */
export const toTaskError = (service: ServiceName, error: unknown): TaskError => {
  if (error instanceof TaskError) return error;
  const { base, unlisted } = services[service];
  if (!(error instanceof base)) return new TaskError(`${service}.SdkClientException`, String(error));
  const { httpStatusCode, requestId = 'none' } = error.$metadata;
  const details = `Status Code: ${httpStatusCode}; Error Code: ${error.name}; Request ID: ${requestId}`;
  const name = error.constructor === base ? unlisted : error.name;
  return new TaskError(`${service}.${name}`, `${error.message} (Service: ${service}; ${details})`);
};
