import { vi } from 'vitest';

/** Runs `print`, and answers the lines of JSON that it has written to the standard streams. */
export const printedLines = async (print: () => unknown): Promise<Record<string, unknown>[]> => {
  let text = '';
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      text += chunk;
      return true;
    }),
  );
  try {
    await print();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
};
