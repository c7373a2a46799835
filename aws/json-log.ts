import type { Log } from '../core/ports.ts';

/** Structured log: one line of JSON an entry on standard output, where CloudWatch and Batch collect it. */
export const jsonLog: Log = (level, message, fields = {}) => {
  process.stdout.write(`${JSON.stringify({ level, message, ...fields })}\n`);
};

/** Logs why a message of a batch failed and will come again. */
export const failureLog = (reason: unknown, record: { messageId: string }): void => {
  const error = reason instanceof Error ? { name: reason.name, message: reason.message, stack: reason.stack } : reason;
  jsonLog('error', 'message failed', { messageId: record.messageId, error });
};
