/** The value of a JSON text; undefined for any other text, which a schema then refuses like JSON of another shape. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
