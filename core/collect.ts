import { ConfigurationError } from './errors.ts';

/** The results of every task, or one ConfigurationError with the messages of all that threw one. */
export const collect = <Result>(tasks: readonly (() => Result)[]): Result[] => {
  const results: Result[] = [];
  const errors: ConfigurationError[] = [];
  for (const task of tasks) {
    try {
      results.push(task());
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      errors.push(error);
    }
  }
  const [first] = errors;
  if (first === undefined) return results;
  throw new ConfigurationError(errors.map(({ message }) => message).join('\n'), { code: first.code, cause: first });
};
