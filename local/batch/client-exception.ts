import type * as z from 'zod';
import { KadamError } from '../../core/errors.ts';

/** The caller of a Batch operation is at fault: answered as AWS Batch's error of that name. */
export class ClientException extends KadamError {
  override readonly name = 'ClientException';
  override readonly retryable = false;

  constructor(message: string) {
    super(message, { code: 'BatchClientException' });
  }
}

/** Reads a request; what the schema does not know or allow is a ClientException that names the field. */
export function readRequest<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the request'}: ${message}`);
  throw new ClientException(`Error executing request, ${issues.join('; ')}`);
}
