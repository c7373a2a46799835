import type * as z from 'zod';
import { KadamError } from '../../core/errors.ts';

/** The errors of Step Functions that a caller may see, by AWS's names. */
export type StepFunctionsErrorType =
  | 'ExecutionAlreadyExists'
  | 'ExecutionDoesNotExist'
  | 'InvalidExecutionInput'
  | 'InvalidName'
  | 'InvalidToken'
  | 'StateMachineDoesNotExist'
  | 'UnknownOperationException'
  | 'ValidationException';

/** The caller of an operation is at fault: answered as AWS's error of that type. */
export class StepFunctionsException extends KadamError {
  override readonly name = 'StepFunctionsException';
  override readonly retryable = false;
  readonly type: StepFunctionsErrorType;

  constructor(type: StepFunctionsErrorType, message: string) {
    super(message, { code: 'StepFunctionsException' });
    this.type = type;
  }
}

/** Reads a request; what the schema does not know or allow is a ValidationException that names the field. */
export function readRequest<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the request'}: ${message}`);
  throw new StepFunctionsException('ValidationException', issues.join('; '));
}
