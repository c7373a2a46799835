const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/** A key as S3 writes it in events and under `encoding-type=url`: form-encoded (space becomes `+`), slashes kept. */
export const formEncode = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, percent)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/');
