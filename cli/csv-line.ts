import { unknownName } from '../core/recipe/describe-issue.ts';

/** The cells of a line by their column; what goes wrong with one is noted and answered with undefined. */
export class CsvLine {
  readonly #cells: ReadonlyMap<string, string>;
  readonly #faults: string[];
  readonly number: number;

  constructor(number: number, cells: ReadonlyMap<string, string>, faults: string[]) {
    this.number = number;
    this.#cells = cells;
    this.#faults = faults;
  }

  text(column: string): string {
    return this.#cells.get(column) ?? '';
  }

  fault(column: string, expected: string): undefined {
    const text = this.text(column);
    this.#faults.push(
      `line ${this.number}, column ${column}: expected ${expected}, got ${text === '' ? 'nothing' : `'${text.slice(0, 60)}'`}`,
    );
    return undefined;
  }

  unknown(column: string, kind: string, known: readonly string[]): undefined {
    this.#faults.push(`line ${this.number}, column ${column}: ${unknownName(kind, this.text(column), known)}`);
    return undefined;
  }

  /** A whole number from 1 on; `absent` where there is none. */
  whole<Absent>(column: string, absent: Absent): number | Absent {
    const text = this.text(column);
    if (text === '') return absent;
    const value = Number(text);
    if (/^\d{1,15}$/.test(text) && value > 0) return value;
    this.fault(column, 'a whole number above 0');
    return absent;
  }

  /** A whole number from 1 on that may not be missing. */
  needed(column: string): number | undefined {
    return this.text(column) === '' ? this.fault(column, 'a whole number above 0') : this.whole(column, undefined);
  }

  oneOf<Choice extends string>(column: string, choices: readonly Choice[], absent?: Choice): Choice | undefined {
    const text = this.text(column);
    if (text === '' && absent !== undefined) return absent;
    return choices.find((choice) => choice === text) ?? this.unknown(column, 'one of', choices);
  }
}
