import { S3ServiceException } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { ServiceError } from '../json-protocol.ts';

/** What a request failed of, for whoever made it: its own fault, or what S3 said, or a fault of the console. */
export const describeFailure = (error: unknown): { status: number; code: string; message: string } => {
  if (error instanceof ServiceError) return error;
  if (error instanceof z.ZodError) {
    return { status: 400, code: 'InvalidQuery', message: z.prettifyError(error) };
  }
  if (error instanceof S3ServiceException) {
    const { name, message, $metadata } = error;
    return { status: $metadata.httpStatusCode ?? 502, code: name, message };
  }
  return { status: 500, code: 'InternalFailure', message: `The console failed: ${error}` };
};
