import { DependencyError } from '../core/errors.ts';

/**
 * Waits for a service's answer. An error of one of the `expected` names is an answer as well, and gives undefined;
 * any other becomes a DependencyError `ServiceFailed` that says what was asked for.
 */
export const answered = async <Answer>(
  what: string,
  answer: Promise<Answer>,
  expected: readonly string[] = [],
): Promise<Answer | undefined> => {
  try {
    return await answer;
  } catch (error) {
    const name = error instanceof Error ? error.name : String(error);
    if (expected.includes(name)) return undefined;
    const message = error instanceof Error ? error.message : '';
    throw new DependencyError(`Expected ${what} but received ${name}: ${message}. Trying again may help.`, {
      code: 'ServiceFailed',
      cause: error,
    });
  }
};
