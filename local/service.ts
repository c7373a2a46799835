import type { IncomingMessage, ServerResponse } from 'node:http';

/** One emulated AWS service behind the embedded cloud's single endpoint. */
export type LocalService = {
  /** Answers one request of the service's own wire protocol; never throws, errors are answered in the protocol. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Ends everything that the service runs (timers, child processes, files) and resolves when it has ended. */
  close(): Promise<void>;
};
