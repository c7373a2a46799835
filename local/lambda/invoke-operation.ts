import { type JsonOperation, ServiceError } from '../json-protocol.ts';
import type { Functions } from './lambda-operations.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export const maxRequestBytes = 6_291_456;

/**
 * Invoke in one of its types: RequestResponse answers with the result, Event at once (nobody hears of the result but
 * the log; AWS tries such an event three times, here it is tried once), DryRun only says whether there is such a
 * function.
 */
export const invocation = (
  functions: Functions,
  name: string,
  type: string | string[] = 'RequestResponse',
): JsonOperation => {
  switch (type) {
    case 'RequestResponse':
      return async (event, response) => {
        const { requestId, payload, functionError } = await functions.invoke(name, event);
        response.setHeader('x-amzn-requestid', requestId);
        response.setHeader('x-amz-executed-version', '$LATEST');
        if (functionError !== undefined) response.setHeader('x-amz-function-error', functionError);
        return JSON.parse(payload);
      };
    case 'Event':
      return (event, response) => {
        functions.configuration(name);
        const failed = (reason: unknown) => functions.log(`${name}: an event was not dealt with: ${reason}`);
        void functions.invoke(name, event).then(({ functionError, payload }) => {
          if (functionError !== undefined) failed(payload);
        }, failed);
        response.statusCode = 202;
      };
    case 'DryRun':
      return (_event, response) => {
        functions.configuration(name);
        response.statusCode = 204;
      };
    default:
      throw new ServiceError(
        'InvalidParameterValueException',
        `Expected RequestResponse, Event or DryRun for X-Amz-Invocation-Type but received '${type}'.`,
      );
  }
};
