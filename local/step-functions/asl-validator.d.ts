// asl-validator 4 ships no types of its own.
declare module 'asl-validator' {
  /** Adds a QueryLanguage to every state of the definition that it is given. */
  export default function validate(definition: unknown): { isValid: boolean; errorsText(separator: string): string };
}
