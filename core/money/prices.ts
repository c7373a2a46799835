import * as z from 'zod';
import { fileError, parseYamlFile } from '../recipe/parse-yaml-file.ts';
import { listPrices, type PriceName, priceNames } from './list-prices.ts';
import { listMachines, type Machine } from './machine-prices.ts';

/** The numbers that every sum is made of: list prices, or a user's own. */
export type Prices = {
  /** Whose they are, for people: `list prices of us-east-1`. */
  name: string;
  /** Dollars for one of what list-prices.ts says. */
  dollars: Readonly<Record<PriceName, number>>;
  /** By instance type: `c7g.2xlarge`. */
  machines: Readonly<Record<string, Machine>>;
};

const dollarsSchema = z.partialRecord(z.enum(priceNames), z.number().nonnegative());

/** AWS's list prices of us-east-1: list-prices.ts and machine-prices.ts say where and when they were read. */
export const listedPrices: Prices = {
  name: 'list prices of us-east-1',
  dollars: z
    .record(z.enum(priceNames), z.number())
    .parse(Object.fromEntries(priceNames.map((name) => [name, listPrices[name].dollars]))),
  machines: listMachines,
};

const machineSchema = z.strictObject({
  architecture: z.enum(['arm64', 'x86_64']).optional(),
  vcpus: z.int().positive().optional(),
  memoryMiB: z.int().positive().optional(),
  onDemand: z.number().nonnegative().optional(),
  spot: z.number().nonnegative().optional(),
});

const pricesSchema = z.strictObject({
  name: z.string().min(1),
  dollars: dollarsSchema.default({}),
  machines: z.record(z.string(), machineSchema).default({}),
});

/** A listed machine with what differs, or a new one: then nothing may be missing. */
const machineOf = (type: string, given: z.output<typeof machineSchema>, faults: string[]): Machine | undefined => {
  const { architecture, vcpus, memoryMiB, onDemand, spot } = { ...listMachines[type], ...given };
  if (architecture && vcpus && memoryMiB && onDemand !== undefined && spot !== undefined)
    return { architecture, vcpus, memoryMiB, onDemand, spot };
  faults.push(
    `machines.${type}: expected architecture, vcpus, memoryMiB, onDemand and spot of a machine that is not listed, got ` +
      (Object.keys(given).join(', ') || 'nothing'),
  );
  return undefined;
};

/**
 * A user's own prices, which go before the listed ones: `name`, `dollars` by the names of list-prices.ts, `machines` by
 * instance type. Throws ConfigurationError `InvalidPrices` with every fault of the file.
 */
export const parsePrices = (text: string, file: string): Prices => {
  const kind = { kind: 'price file', code: 'InvalidPrices', file };
  const { name, dollars, machines } = parseYamlFile(text, pricesSchema, kind);
  const faults: string[] = [];
  const own = Object.entries(machines).flatMap(([type, given]) => {
    const machine = machineOf(type, given, faults);
    return machine === undefined ? [] : [[type, machine] as const];
  });
  if (faults.length > 0) throw fileError(kind.kind, kind.code, file, faults);
  return {
    name,
    dollars: { ...listedPrices.dollars, ...dollars },
    machines: { ...listMachines, ...Object.fromEntries(own) },
  };
};
