import { AsyncLocalStorage } from 'node:async_hooks';
import type { Log, LogFields, LogLevel } from './ports.ts';

/** Takes one line: its level, its message and all that is said beside it. */
export type LogSink = (level: LogLevel, message: string, fields: LogFields) => void;

/** A log that also answers what its lines say at this place in the work. */
export type ScopedLog = Log & { known(): LogFields };

/**
 * A log whose scopes follow the calls: whatever is called by a unit of work, at once or later, by timers and events as
 * well, writes into its scope.
 */
export const scopedLog = (sink: LogSink): ScopedLog => {
  const scopes = new AsyncLocalStorage<LogFields>();
  const known = (): LogFields => scopes.getStore() ?? {};
  return {
    known,
    write: (level, message, fields) => sink(level, message, { ...known(), ...fields }),
    within: (fields, work) => scopes.run({ ...known(), ...fields }, work),
    add(fields) {
      Object.assign(known(), fields);
    },
  };
};
