import { InvokeCommand } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import type { Json } from './change-case.ts';
import { invalidParameters, TaskError } from './task-error.ts';
import type { TaskContext } from './task-resources.ts';

const requestSchema = z.strictObject({ FunctionName: z.string(), Payload: z.json().default({}) });

export const invokeFields = Object.keys(requestSchema.shape);

const functionErrorSchema = z.looseObject({ errorType: z.string() });

/** lambda:invoke: an error of the function has its errorType for a name and its JSON for a cause. */
export const invokeFunction = async (input: Json, { clients, signal }: TaskContext): Promise<Json> => {
  const request = requestSchema.safeParse(input);
  if (!request.success) throw invalidParameters(z.prettifyError(request.error));
  const { StatusCode, ExecutedVersion, FunctionError, Payload } = await clients.lambda.send(
    new InvokeCommand({ FunctionName: request.data.FunctionName, Payload: JSON.stringify(request.data.Payload) }),
    { abortSignal: signal },
  );
  const text = Payload?.transformToString() || 'null';
  if (FunctionError !== undefined) {
    const error = functionErrorSchema.safeParse(JSON.parse(text));
    throw new TaskError(error.data?.errorType ?? 'Lambda.Unknown', text);
  }
  return {
    Payload: JSON.parse(text),
    ...(StatusCode !== undefined && { StatusCode }),
    ...(ExecutedVersion !== undefined && { ExecutedVersion }),
  };
};
